using System.Globalization;
using System.Net;
using Ocx.Text;

namespace Ocx.Mcp.Records;

/// <summary>One end of a recorded call. What is not known is empty.</summary>
public sealed record RecordedPeer
{
    /// <summary>The IP address.</summary>
    public string Address { get; init; } = string.Empty;

    /// <summary>The TCP port.</summary>
    public ushort Port { get; init; }

    /// <summary>The name that it gave itself.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>The version that it gave itself.</summary>
    public string Version { get; init; } = string.Empty;

    /// <summary>Who is behind the address.</summary>
    public PeerIdentity Identity { get; init; } = new();

    /// <summary>
    /// The peer that passed the connection on and named this one as the client (PROXY protocol); null when none did.
    /// </summary>
    public RecordedPeer? Via { get; init; }

    /// <summary>Address and port.</summary>
    public string Endpoint =>
        Address.Contains(':', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"[{Address}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}");

    /// <summary>The best name that is known: workload, pod, process, or address and port.</summary>
    public string BestName =>
        Identity.Workload.Length > 0 ? Qualified(Identity.Workload)
        : Identity.Pod.Length > 0 ? Qualified(Identity.Pod)
        : Identity.Comm.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Identity.Comm}[{Identity.Pid}]")
        : Endpoint;

    internal static RecordedPeer Read(WireObject? end) =>
        end is null
            ? new()
            : ReadEnd(end) with
            {
                Via = end.Inner(CallFields.Via.Value) is { } via ? ReadEnd(via) : null,
            };

    private static RecordedPeer ReadEnd(WireObject end) =>
        new()
        {
            Address = end.Text(CallFields.Address.Value),
            Port = (ushort)(end.Number(CallFields.Port.Value, most: IPEndPoint.MaxPort) ?? 0),
            Name = end.Text(CallFields.Name.Value),
            Version = end.Text(CallFields.Version.Value),
            Identity = new()
            {
                Namespace = end.Text(CallFields.Namespace.Value),
                Pod = end.Text(CallFields.Pod.Value),
                Workload = end.Text(CallFields.Workload.Value),
                Node = end.Text(CallFields.Node.Value),
                Container = end.Text(CallFields.Container.Value),
                Pid = (int)(end.Number(CallFields.Pid.Value, most: int.MaxValue) ?? 0),
                Comm = end.Text(CallFields.Comm.Value),
            },
        };

    private string Qualified(string name) => Identity.Namespace.Length > 0 ? $"{Identity.Namespace}/{name}" : name;
}
