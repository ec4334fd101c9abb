using System.Globalization;
using System.Text.Json;

namespace Ocx.Cli.Calls;

/// <summary>One end of a call, as an agent's line has it: what is not known is empty.</summary>
internal sealed record Peer
{
    /// <summary>The IP address.</summary>
    public string Address { get; init; } = string.Empty;

    /// <summary>The TCP port.</summary>
    public int Port { get; init; }

    /// <summary>The name that it gave itself.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>The pod's namespace.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>The pod.</summary>
    public string Pod { get; init; } = string.Empty;

    /// <summary>What the pod belongs to: <c>Deployment/name</c>.</summary>
    public string Workload { get; init; } = string.Empty;

    /// <summary>The node that it runs on.</summary>
    public string Node { get; init; } = string.Empty;

    /// <summary>The process's name.</summary>
    public string Comm { get; init; } = string.Empty;

    /// <summary>The process; 0 when not known.</summary>
    public int Pid { get; init; }

    /// <summary>Address and port.</summary>
    public string Endpoint => Address.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Address}]:{Port}") : string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}");

    /// <summary>The best name that is known: workload, pod, process, or address and port.</summary>
    public string BestName =>
        Workload.Length > 0 ? Qualified(Workload)
        : Pod.Length > 0 ? Qualified(Pod)
        : Comm.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Comm}[{Pid}]")
        : Endpoint;

    /// <summary>Reads an end of a call; all empty where the line has none.</summary>
    public static Peer Read(JsonElement call, string member)
    {
        if (!call.TryGetProperty(member, out JsonElement end) || end.ValueKind != JsonValueKind.Object)
        {
            return new Peer();
        }

        return new Peer
        {
            Address = end.Text("address"),
            Port = (int)end.Number("port"),
            Name = end.Text("name"),
            Namespace = end.Text("namespace"),
            Pod = end.Text("pod"),
            Workload = end.Text("workload"),
            Node = end.Text("node"),
            Comm = end.Text("comm"),
            Pid = (int)end.Number("pid"),
        };
    }

    private string Qualified(string name) => Namespace.Length > 0 ? $"{Namespace}/{name}" : name;
}
