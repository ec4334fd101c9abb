using System.Text.Json;

namespace Ocx.Sandbox.Sandboxes;

/// <summary>A call that is rehearsed.</summary>
public sealed record SandboxCall
{
    /// <summary>The tool.</summary>
    public required string Tool { get; init; }

    /// <summary>Its arguments, an object, passed on as they are.</summary>
    public required JsonElement Arguments { get; init; }

    /// <summary>
    /// The protocol revision at which it is called; null is that for which the server was made ready.
    /// </summary>
    public string? Revision { get; init; }

    /// <summary>How long the answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
