using Ocx.Api;
using Ocx.Mcp;
using Ocx.NodeAgent.Auditing;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Findings;
using Ocx.NodeAgent.Telemetry;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent;

/// <summary>
/// What <c>/metrics</c> shows: the filter's counts, read at each scrape, and what is known of calls. See
/// docs/metrics.md.
/// </summary>
/// <param name="status">The capture's counts.</param>
/// <param name="shed">What a part of the agent could not take.</param>
/// <param name="calls">What was counted of calls.</param>
/// <param name="streams">What the follower of calls has seen and shed.</param>
/// <param name="findings">What was found in calls; null when it is not looked for.</param>
/// <param name="otlp">What was sent to the OTLP receiver; null without one.</param>
/// <param name="audit">What the auditor was told; null without one.</param>
internal sealed class AgentMetrics(
    AgentStatus status,
    Func<ShedCounts> shed,
    CallMetrics calls,
    Func<McpStats> streams,
    FindingLog? findings = null,
    OtlpExport? otlp = null,
    AuditFeed? audit = null
)
{
    private static readonly string s_build = new Labels()
        .Add("version", ProgramVersion.Of(typeof(AgentMetrics).Assembly))
        .ToString();

    /// <summary>The counts as they are now.</summary>
    public void Render(MetricsText text)
    {
        text.Gauge("ocx_agent_build_info", "The agent's version.", 1, s_build)
            .Gauge(
                "ocx_agent_capturing",
                "1 while every interface that was asked for is tapped.",
                status.Phase == NodePhase.Running ? 1 : 0
            )
            .Gauge(
                "process_resident_memory_bytes",
                "Resident memory, the ring buffer's pages included.",
                Environment.WorkingSet
            );
        RenderCapture(text, status.Counters);
        RenderShed(text, shed());
        if (status.RingBuffer is { } ring)
        {
            RenderRing(text, ring);
        }
        calls.Render(text);
        findings?.Render(text);
        RenderStreams(text, streams());
        if (otlp is not null)
        {
            RenderOtlp(text, otlp);
        }
        if (audit is not null)
        {
            RenderAudit(text, audit.Counts, audit.IsUp);
        }
    }

    private static void RenderCapture(MetricsText text, TapCounters now) =>
        text.Counter("ocx_agent_packets", "Packets that the filter saw.", now.Total)
            .Counter("ocx_agent_bytes", "Their length from the network header on.", now.TotalBytes)
            .Counter(
                "ocx_agent_filtered_packets",
                "TCP packets on a tapped port: captured, dropped, empty or duplicate.",
                now.Filtered
            )
            .Counter("ocx_agent_filtered_bytes", "Their payload.", now.FilteredBytes)
            .Counter("ocx_agent_captured_packets", "Packets whose payload was captured.", now.Captured)
            .Counter("ocx_agent_captured_bytes", "Payload that was captured.", now.CapturedBytes)
            .Counter(
                "ocx_agent_dropped_packets",
                "Packets that were lost.",
                [("{reason=\"ring_full\"}", now.DroppedRingFull), ("{reason=\"copy_failed\"}", now.DroppedCopyFailed)]
            )
            .Counter("ocx_agent_dropped_bytes", "Payload that was lost.", now.DroppedBytes)
            .Counter("ocx_agent_empty_packets", "Packets without payload.", now.Empty)
            .Counter(
                "ocx_agent_control_packets",
                "Packets without payload that open or end a connection, whose header was captured.",
                now.Control
            )
            .Counter(
                "ocx_agent_control_lost_packets",
                "Those that found the ring buffer a quarter full, which is left to payload.",
                now.ControlLost
            )
            .Counter("ocx_agent_duplicate_packets", "Packets that were captured elsewhere.", now.Duplicates)
            .Counter("ocx_agent_truncated_packets", "Captured packets that the snap length cut.", now.Truncated)
            .Counter(
                "ocx_agent_unreadable_packets",
                "TCP packets that could not be matched with a port.",
                [("{reason=\"fragment\"}", now.Fragments), ("{reason=\"malformed\"}", now.Malformed)]
            )
            .Counter(
                "ocx_agent_encapsulated_packets",
                "Packets of tunnels (VXLAN, Geneve, GRE, IP in IP) that were not opened.",
                now.Encapsulated
            );

    private static void RenderShed(MetricsText text, ShedCounts now) =>
        text.Counter(
                "ocx_agent_shed_segments",
                "Captured segments with payload that a sink could not take in time.",
                [("{sink=\"follower\"}", now.NotFollowed), ("{sink=\"stdout\"}", now.NotPrinted)]
            )
            .Counter(
                "ocx_agent_shed_control_segments",
                "Those without payload, shed as soon as a quarter of the queue waits.",
                [("{sink=\"follower\"}", now.ControlNotFollowed)]
            )
            .Counter(
                "ocx_agent_shed_calls",
                "Calls that a sink could not take in time.",
                [("{sink=\"stdout\"}", now.CallsNotPrinted)]
            );

    private static void RenderRing(MetricsText text, RingBufferFill ring) =>
        text.Gauge("ocx_agent_ring_buffer_size_bytes", "The ring buffer's size.", ring.SizeBytes)
            .Gauge("ocx_agent_ring_buffer_used_bytes", "Bytes that wait in it now.", ring.UsedBytes)
            .Gauge(
                "ocx_agent_ring_buffer_highest_bytes",
                "The most bytes that waited in it since the agent started.",
                ring.HighestBytes
            );

    private static void RenderOtlp(MetricsText text, OtlpExport otlp) =>
        text.Counter(
                "ocx_agent_otlp_exported",
                "What the OTLP receiver took.",
                [("{signal=\"traces\"}", otlp.Spans.Exported), ("{signal=\"logs\"}", otlp.Logs.Exported)]
            )
            .Counter(
                "ocx_agent_otlp_shed",
                "What it did not take, or not in time.",
                [("{signal=\"traces\"}", otlp.Spans.Shed), ("{signal=\"logs\"}", otlp.Logs.Shed)]
            );

    private static void RenderAudit(MetricsText text, in AuditCounts now, bool isUp) =>
        text.Gauge("ocx_agent_audit_connected", "1 while the auditor listens.", isUp ? 1 : 0)
            .Counter("ocx_agent_audit_taken", "Messages about calls that the auditor took.", now.Taken)
            .Counter(
                "ocx_agent_audit_shed",
                "Messages about calls that it never gets: its queue was full, it refused them, or the agent stopped.",
                [
                    .. ShedByMoment("full", now.Full),
                    .. ShedByMoment("refused", now.Refused),
                    .. ShedByMoment("stopped", now.Stopped),
                ]
            )
            .Gauge("ocx_agent_audit_waiting_bytes", "Memory of what waits for the auditor now.", now.Waiting);

    private static IEnumerable<(string Labels, ulong Value)> ShedByMoment(string reason, ShedMessages shed) =>
        [
            ($"{{reason=\"{reason}\",moment=\"opened\"}}", shed.Opened),
            ($"{{reason=\"{reason}\",moment=\"answering\"}}", shed.Answering),
            ($"{{reason=\"{reason}\",moment=\"closed\"}}", shed.Closed),
        ];

    private static void RenderStreams(MetricsText text, McpStats now) =>
        text.Counter(
                "ocx_agent_unreadable_connections",
                "Connections that were seen and not read.",
                [
                    ("{kind=\"tls\"}", (ulong)now.Tls),
                    ("{kind=\"http2\"}", (ulong)now.Http2),
                    ("{kind=\"upgraded\"}", (ulong)now.Upgraded),
                    ("{kind=\"other\"}", (ulong)now.UnknownStreams),
                ]
            )
            .Counter(
                "ocx_agent_mcp_translations",
                "Further names that connections were seen under, as their addresses were translated.",
                (ulong)now.Translations
            )
            .Counter(
                "ocx_agent_mcp_repeated_segments",
                "Segments that brought nothing new to their connection.",
                (ulong)now.Duplicates
            )
            .Counter(
                "ocx_agent_mcp_stray_segments",
                "Segments far outside of what their connection can have sent.",
                (ulong)now.Strays
            )
            .Counter("ocx_agent_mcp_gaps", "Places where bytes of a stream passed unseen.", (ulong)now.Gaps)
            .Counter("ocx_agent_mcp_orphans", "Answers to requests that were not seen.", (ulong)now.Orphans)
            .Counter(
                "ocx_agent_mcp_shed",
                "What following calls gave up, to stay within its memory.",
                [
                    ("{reason=\"connections\"}", (ulong)now.ShedConnections),
                    ("{reason=\"segments\"}", (ulong)now.ShedSegments),
                    ("{reason=\"calls\"}", (ulong)now.ShedCalls),
                    ("{reason=\"payloads\"}", (ulong)now.ShedPayloads),
                    ("{reason=\"sessions\"}", (ulong)now.ShedSessions),
                ]
            )
            .Counter(
                "ocx_agent_mcp_unread",
                "Messages that could not be read, or not to their end.",
                [
                    ("{reason=\"oversize\"}", (ulong)now.Oversize),
                    ("{reason=\"undecodable\"}", (ulong)now.Undecodable),
                    ("{reason=\"decode_limit\"}", (ulong)now.DecodeLimited),
                    ("{reason=\"malformed_json\"}", (ulong)now.MalformedJson),
                    ("{reason=\"too_deep_json\"}", (ulong)now.TooDeepJson),
                    ("{reason=\"http_lost\"}", (ulong)now.HttpLost),
                ]
            )
            .Gauge("ocx_agent_mcp_held_bytes", "Memory that following calls holds now.", now.HeldBytes);
}
