using Ocx.Audit.Link;

namespace Ocx.NodeAgent.Options;

/// <summary>Who is told of calls to judge them, and what of.</summary>
internal sealed record AuditorOptions
{
    /// <summary>The bound on what is told of a call's arguments, in bytes, unless another is named.</summary>
    public const int DefaultArguments = 256 << 10;

    /// <summary>The methods whose calls are told of, unless others are named.</summary>
    public static IReadOnlyList<string> DefaultMethods { get; } = ["tools/call"];

    /// <summary>Where it is.</summary>
    public required AuditorEndpoint Endpoint { get; init; }

    /// <summary>The methods whose calls it is told of.</summary>
    public IReadOnlyList<string> Methods { get; init; } = DefaultMethods;

    /// <summary>What it is told of a call's arguments at most, in bytes.</summary>
    public int MaxArguments { get; init; } = DefaultArguments;
}
