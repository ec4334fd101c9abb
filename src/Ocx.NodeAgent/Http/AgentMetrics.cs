using System.Reflection;
using Ocx.Api;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Http;

/// <summary>What <c>/metrics</c> shows, read from the filter's counts at each scrape.</summary>
internal sealed class AgentMetrics(AgentStatus status, Func<ulong> shedByOutput)
{
    private static readonly string s_build = "{version=\""
        + typeof(AgentMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] + "\"}";

    /// <summary>The counts as they are now.</summary>
    public string Render()
    {
        TapCounters now = status.Counters;
        return new PrometheusText()
            .Gauge("ocx_agent_build_info", "The agent's version.", 1, s_build)
            .Gauge("ocx_agent_capturing", "1 while every interface that was asked for is tapped.", status.Phase == NodePhase.Running ? 1 : 0)
            .Counter("ocx_agent_packets_total", "Packets that the filter saw.", ("", now.Total))
            .Counter("ocx_agent_bytes_total", "Their length from the network header on.", ("", now.TotalBytes))
            .Counter("ocx_agent_filtered_packets_total",
                "TCP packets on a tapped port: captured, dropped, empty or duplicate.", ("", now.Filtered))
            .Counter("ocx_agent_filtered_bytes_total", "Their payload.", ("", now.FilteredBytes))
            .Counter("ocx_agent_captured_packets_total", "Packets whose payload was captured.", ("", now.Captured))
            .Counter("ocx_agent_captured_bytes_total", "Payload that was captured.", ("", now.CapturedBytes))
            .Counter("ocx_agent_dropped_packets_total", "Packets that were lost.",
                ("{reason=\"ring_full\"}", now.DroppedRingFull), ("{reason=\"copy_failed\"}", now.DroppedCopyFailed))
            .Counter("ocx_agent_dropped_bytes_total", "Payload that was lost.", ("", now.DroppedBytes))
            .Counter("ocx_agent_empty_packets_total", "Packets without payload.", ("", now.Empty))
            .Counter("ocx_agent_duplicate_packets_total", "Packets that were captured elsewhere.", ("", now.Duplicates))
            .Counter("ocx_agent_truncated_packets_total", "Captured packets that the snap length cut.", ("", now.Truncated))
            .Counter("ocx_agent_unreadable_packets_total", "TCP packets that could not be matched with a port.",
                ("{reason=\"fragment\"}", now.Fragments), ("{reason=\"malformed\"}", now.Malformed))
            .Counter("ocx_agent_shed_segments_total", "Captured segments that a sink could not take in time.",
                ("{sink=\"stdout\"}", shedByOutput()))
            .Gauge("process_resident_memory_bytes", "Resident memory, the ring buffer's pages included.", Environment.WorkingSet)
            .ToString();
    }
}
