using System.Globalization;
using Microsoft.Extensions.Logging;
using Ocx.Bpf;
using Ocx.Mcp;
using Ocx.NodeAgent.Auditing;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Options;
using Ocx.NodeAgent.Telemetry;
using Ocx.Text;

namespace Ocx.NodeAgent;

/// <summary>
/// Logs the counts at each interval and once more at the end, and warns when something was lost meanwhile.
/// </summary>
internal sealed class StatsReporter(
    Tap tap,
    Func<ShedCounts> shedCounts,
    Func<McpStats>? streams,
    OtlpExport? otlp,
    AuditFeed? audit,
    AgentOptions options,
    ILogger logger
)
{
    private ulong _ringFull;
    private bool _toldOfTunnels;
    private ShedCounts _shed;
    private ulong _auditShed;

    /// <summary>Reports until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(options.StatsInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                Report();
            }
        }
        catch (OperationCanceledException)
        {
            // The agent stops; it reports for the last time after the ring is drained.
        }
    }

    /// <summary>Reports once.</summary>
    public void Report()
    {
        TapCounters now = tap.ReadCounters();
        ShedCounts shed = shedCounts();
        RingBufferGauge ring = tap.RingGauge;
        string highest = Percent(ring.Highest, ring.Size);
        logger.Stats(
            now.Total,
            now.Filtered,
            now.Captured,
            now.Dropped,
            highest,
            now.TotalBytes,
            now.FilteredBytes,
            now.CapturedBytes,
            now.DroppedBytes,
            now.DroppedRingFull,
            now.DroppedCopyFailed,
            now.Empty,
            now.Control,
            now.ControlLost,
            now.Duplicates,
            now.DuplicateBytes,
            now.Truncated,
            now.TruncatedBytes,
            now.Fragments,
            now.Malformed,
            now.Encapsulated,
            shed.NotPrinted,
            shed.NotFollowed,
            shed.ControlNotFollowed,
            shed.CallsNotPrinted,
            ring.Size,
            ring.Used,
            ring.Highest
        );
        if (streams is not null)
        {
            ReportCalls(streams());
        }
        if (now.DroppedRingFull > _ringFull)
        {
            logger.RingBufferFull(now.DroppedRingFull - _ringFull, ByteSize.Format(options.RingSize));
        }
        if (now.Encapsulated > 0 && !options.Decapsulate && !options.TapsAnyInterface && !_toldOfTunnels)
        {
            // With all interfaces the tunnels' own are tapped, where their packets pass unwrapped.
            _toldOfTunnels = true;
            logger.TunnelsNotOpened(now.Encapsulated);
        }
        WarnOfShed(shed);
        WarnOfAudit();
        _ringFull = now.DroppedRingFull;
        _shed = shed;
    }

    private void WarnOfShed(in ShedCounts now)
    {
        if (now.NotPrinted > _shed.NotPrinted)
        {
            logger.OutputTooSlow(now.NotPrinted - _shed.NotPrinted);
        }
        if (now.CallsNotPrinted > _shed.CallsNotPrinted)
        {
            logger.OutputTooSlowForCalls(now.CallsNotPrinted - _shed.CallsNotPrinted);
        }
        if (now.NotFollowed > _shed.NotFollowed)
        {
            logger.FollowingTooSlow(now.NotFollowed - _shed.NotFollowed);
        }
    }

    private void WarnOfAudit()
    {
        ulong shed = audit?.Counts.Shed ?? 0;
        if (shed > _auditShed)
        {
            logger.AuditorTooSlow(shed - _auditShed);
        }
        _auditShed = shed;
    }

    // Rounded up: 0 % is an empty ring.
    private static string Percent(long part, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(100.0 * part / whole)}%");

    private void ReportCalls(in McpStats now) =>
        logger.Calls(
            now.Calls,
            now.Gaps,
            now.Tls + now.Http2 + now.Upgraded,
            now.Shed,
            now.Connections,
            now.Messages,
            now.Orphans,
            now.GapBytes,
            now.Tls,
            now.Http2,
            now.Upgraded,
            now.UnknownStreams,
            now.HttpLost,
            now.Oversize,
            now.Undecodable,
            now.DecodeLimited,
            now.MalformedJson,
            now.TooDeepJson,
            now.ShedConnections,
            now.ShedSegments,
            now.ShedCalls,
            now.HeldBytes,
            now.Translations,
            now.Duplicates,
            otlp?.Spans.Exported ?? 0,
            otlp?.Spans.Shed ?? 0,
            otlp?.Logs.Exported ?? 0,
            otlp?.Logs.Shed ?? 0,
            audit?.Counts.Taken ?? 0,
            audit?.Counts.Shed ?? 0
        );
}
