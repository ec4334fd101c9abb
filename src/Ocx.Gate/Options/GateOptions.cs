using System.Net;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Link;
using Ocx.Audit.Wire;
using Ocx.NodeProgram;

namespace Ocx.Gate.Options;

/// <summary>The gate's settings, valid in themselves. What the machine says to them shows at the start.</summary>
internal sealed record GateOptions
{
    /// <summary>How many ports one namespace may have.</summary>
    public const int MaxPorts = 64;

    /// <summary>How many queues one namespace may have.</summary>
    public const int MaxQueues = 64;

    /// <summary>
    /// The servers are this node's pods that the auditor names, each in its network namespace; else those of
    /// <see cref="Ports"/>.
    /// </summary>
    public bool IsCluster { get; init; }

    /// <summary>Nothing is held: what gates have set on this node is taken away.</summary>
    public bool Removes { get; init; }

    /// <summary>The servers' TCP ports.</summary>
    public required IReadOnlyList<ushort> Ports { get; init; }

    /// <summary>Who judges.</summary>
    public required AuditorEndpoint Auditor { get; init; }

    /// <summary>The servers' network namespace, a name or a path; null for the gate's own.</summary>
    public string? Namespace { get; init; }

    /// <summary>The first packet queue's number.</summary>
    public ushort Queue { get; init; } = 20480;

    /// <summary>How many queues there are, each with a thread.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>What becomes of what cannot be held or judged, as long as no auditor has said it.</summary>
    public GateFailurePolicy FailurePolicy { get; init; } = GateFailurePolicy.Closed;

    /// <summary>The node's name; the machine's without one.</summary>
    public string NodeName { get; init; } = Environment.MachineName;

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The format of the log.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>The port of the health endpoint and the metrics; 0 for none.</summary>
    public int HttpPort { get; init; }

    /// <summary>The one address that they are served on.</summary>
    public IPAddress HttpAddress { get; init; } = IPAddress.Loopback;
}
