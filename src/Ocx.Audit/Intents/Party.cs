namespace Ocx.Audit.Intents;

/// <summary>One end of a call: what is not known for certain is empty.</summary>
public sealed record Party
{
    /// <summary>Address and port, <c>10.0.0.1:40000</c>.</summary>
    public string Address { get; init; } = string.Empty;

    /// <summary>
    /// The proxy's address where <see cref="Address"/> is what a proxy says (PROXY protocol); empty where it is the
    /// connection's own.
    /// </summary>
    public string Via { get; init; } = string.Empty;

    /// <summary>The pod's namespace.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>The pod.</summary>
    public string Pod { get; init; } = string.Empty;

    /// <summary>What the pod belongs to, as kubectl writes it: <c>deployment/name</c>.</summary>
    public string Workload { get; init; } = string.Empty;

    /// <summary>The name that it gives itself in MCP's handshake. Anybody can claim any.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>The version that it gives itself.</summary>
    public string Version { get; init; } = string.Empty;
}
