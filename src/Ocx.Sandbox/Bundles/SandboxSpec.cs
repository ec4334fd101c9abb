using Ocx.Sandbox.Limits;

namespace Ocx.Sandbox.Bundles;

/// <summary>A shadow of an MCP server: what is started in a sandbox, and what it sees of the machine.</summary>
public sealed record SandboxSpec
{
    /// <summary>
    /// The program and its arguments. The program is a path in the sandbox, or is looked for in PATH.
    /// </summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Environment variables; nothing of the auditor's own is there.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder in which it starts.</summary>
    public string WorkingFolder { get; init; } = "/tmp";

    /// <summary>
    /// The folder that is the sandbox's root: the host's own, or an image's. It is read only; what is written is in
    /// memory. Of the host's, only what is on the same file system is there: others come by <see cref="Folders"/>.
    /// </summary>
    public string Root { get; init; } = "/";

    /// <summary>Folders of the host's that are there besides, read only.</summary>
    public IReadOnlyList<SandboxFolder> Folders { get; init; } = [];

    /// <summary>Paths of the root that are not there, besides <see cref="HiddenPaths"/> of the host's own.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>The number of the user as whom it runs; without capabilities, also where it is 0.</summary>
    public uint User { get; init; } = 65534;

    /// <summary>The number of its group.</summary>
    public uint Group { get; init; } = 65534;

    /// <summary>
    /// Where the server answers in its own network, such as <c>http://127.0.0.1:3000/mcp</c>; null is a server that
    /// speaks MCP over its standard streams.
    /// </summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The protocol revision for which the server is made ready; null is the latest that it speaks.</summary>
    public string? Revision { get; init; }

    /// <summary>What it may use.</summary>
    public SandboxLimits Limits { get; init; } = new();

    /// <summary>How long it may take from its start until the server answers.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A folder of the host's in a sandbox.</summary>
/// <param name="Source">Its path on the host.</param>
/// <param name="Path">Its path in the sandbox; what the root has there is covered.</param>
public readonly record struct SandboxFolder(string Source, string Path);
