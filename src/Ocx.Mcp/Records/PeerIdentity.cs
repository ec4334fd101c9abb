namespace Ocx.Mcp.Records;

/// <summary>Who is behind an address: what is not known for certain is empty.</summary>
public sealed record PeerIdentity
{
    /// <summary>The pod's namespace.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>The pod.</summary>
    public string Pod { get; init; } = string.Empty;

    /// <summary>What the pod belongs to, as kubectl writes it: <c>deployment/name</c>.</summary>
    public string Workload { get; init; } = string.Empty;

    /// <summary>The node that it runs on.</summary>
    public string Node { get; init; } = string.Empty;

    /// <summary>The container in the pod.</summary>
    public string Container { get; init; } = string.Empty;

    /// <summary>The process, as the machine's own pid namespace numbers it; 0 when not known.</summary>
    public int Pid { get; init; }

    /// <summary>The process's name, as in <c>ps -o comm</c>.</summary>
    public string Comm { get; init; } = string.Empty;

    /// <summary>
    /// At the server's end: does the pod's spec declare the port that was called? Null when it declares none, or is not
    /// known. Not part of the record.
    /// </summary>
    public bool? PortDeclared { get; init; }
}
