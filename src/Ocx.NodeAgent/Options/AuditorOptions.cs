namespace Ocx.NodeAgent.Options;

/// <summary>Who is told of calls to judge them, and what of.</summary>
internal sealed record AuditorOptions
{
    /// <summary>The bound on what is told of a call's arguments, in bytes, unless another is named.</summary>
    public const int DefaultArguments = 256 << 10;

    /// <summary>The methods whose calls are told of, unless others are named.</summary>
    public static IReadOnlyList<string> DefaultMethods { get; } = ["tools/call"];

    /// <summary>Where it is, as it was given: <c>unix:/run/ocx/auditor.sock</c>, <c>https://auditor:8443</c>.</summary>
    public required string Address { get; init; }

    /// <summary>Its Unix socket; null where it is reached over TLS.</summary>
    public string? Socket =>
        Address.StartsWith(UnixScheme, StringComparison.Ordinal) ? Address[UnixScheme.Length..] : null;

    /// <summary>Its address over TLS; null where it is reached by a Unix socket.</summary>
    public Uri? Url => Socket is null ? new Uri(Address) : null;

    /// <summary>The file of the certificate authority that it is trusted by; null for the machine's own.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The file of the token that this agent proves itself with; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The methods whose calls it is told of.</summary>
    public IReadOnlyList<string> Methods { get; init; } = DefaultMethods;

    /// <summary>What it is told of a call's arguments at most, in bytes.</summary>
    public int MaxArguments { get; init; } = DefaultArguments;

    internal const string UnixScheme = "unix:";
}
