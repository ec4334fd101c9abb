using System.Net;
using Microsoft.Extensions.Logging;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Redaction;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Options;

/// <summary>What the agent prints to standard output for what it captured.</summary>
internal enum EventFormat
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A block of lines that a person reads.</summary>
    Text,

    /// <summary>One JSON object a line for each segment.</summary>
    Json,

    /// <summary>One JSON object a line for each MCP call that is over.</summary>
    Calls,

    /// <summary>One line that a person scans for each MCP call that is over.</summary>
    Lines,
}

/// <summary>The agent's settings, valid in themselves. What the machine says to them shows at the start.</summary>
internal sealed record AgentOptions
{
    /// <summary>The word for all interfaces of the network namespace.</summary>
    public const string AnyInterface = "any";

    /// <summary>How many ports the filter can match (OCX_MAX_PORTS in bpf/event.h).</summary>
    public const int MaxPorts = 16;

    /// <summary>The largest snap length in bytes; it means that nothing is cut (bpf/config.bpf.h).</summary>
    public const int MaxSnapLength = 65536;

    /// <summary>The least memory for calls in bytes: a few dozen connections with large messages.</summary>
    public const long MinMcpMemory = 1 << 20;

    /// <summary>The largest ring in bytes.</summary>
    public const long MaxRingSize = 1L << 30;

    /// <summary>Interface names, or <see cref="AnyInterface"/> alone.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = ["eth0"];

    /// <summary>TCP ports, at either end of a connection.</summary>
    public IReadOnlyList<ushort> Ports { get; init; } = [8080];

    /// <summary>Size of the ring buffer in bytes: a power of two and a multiple of the page.</summary>
    public uint RingSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Payload bytes kept of one packet.</summary>
    public int SnapLength { get; init; } = MaxSnapLength;

    /// <summary>Whether packets inside of tunnels are read (bpf/tunnel.bpf.h).</summary>
    public bool Decapsulate { get; init; }

    /// <summary>The format of the captured segments on standard output.</summary>
    public EventFormat Events { get; init; } = EventFormat.Text;

    /// <summary>Whether payloads are exported, or only what describes them.</summary>
    public PayloadMode Payload { get; init; } = PayloadMode.Full;

    /// <summary>What is masked in arguments and results beyond credentials.</summary>
    public RedactionOptions Redaction { get; init; } = new();

    /// <summary>Bytes that following calls may hold: streams, bodies and open calls together.</summary>
    public long McpMemory { get; init; } = Api.AgentFootprint.DefaultCalls;

    /// <summary>Whether calls are looked through for what an administrator should know.</summary>
    public bool Findings { get; init; } = true;

    /// <summary>The time between two lines of counts.</summary>
    public TimeSpan StatsInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When to stop without being told to; null never.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The format of the log.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>The port of the health endpoint and the metrics; 0 for none.</summary>
    public int HttpPort { get; init; }

    /// <summary>The one address that they are served on.</summary>
    public IPAddress HttpAddress { get; init; } = IPAddress.Loopback;

    /// <summary>The OTLP receiver of spans and logs of calls; null sends none.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Who is told of calls to judge them; null tells nobody.</summary>
    public AuditorOptions? Auditor { get; init; }

    /// <summary>Whose report is written to the cluster's API server; null writes none.</summary>
    public ReportOptions? Report { get; init; }

    /// <summary>The node whose pods are named at the ends of calls; null names none.</summary>
    public string? PodsOfNode { get; init; }

    /// <summary>Are processes named at the ends of calls, where the machine allows it?</summary>
    public bool NamesProcesses { get; init; } = true;

    /// <summary>
    /// Payload bytes that leave the kernel. Calls are read from payloads, whatever of them is exported; for segments
    /// without payload the one byte that the filter must take is enough.
    /// </summary>
    public int CopiedLength => Payload == PayloadMode.Metadata && !FollowsCalls ? 1 : SnapLength;

    /// <summary>
    /// Are segments put together to calls? They are for everything that wants calls: the output, the metrics, OTLP, the
    /// report, the auditor.
    /// </summary>
    public bool FollowsCalls =>
        Events is EventFormat.Calls or EventFormat.Lines
        || HttpPort != 0
        || OtlpEndpoint is not null
        || Report is not null
        || Auditor is not null;

    /// <summary>Are all interfaces tapped?</summary>
    public bool TapsAnyInterface => Interfaces is [AnyInterface];
}
