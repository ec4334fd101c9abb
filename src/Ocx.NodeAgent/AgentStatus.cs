using Ocx.Api;
using Ocx.Bpf;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Findings;
using Ocx.NodeAgent.Reporting;
using Ocx.Text;

namespace Ocx.NodeAgent;

/// <summary>
/// What the agent does at the moment and has counted: for its report, its health endpoint and its metrics. Safe from
/// any thread.
/// </summary>
/// <param name="calls">The calls that are over.</param>
/// <param name="findings">What was found in them; null when it is not looked for.</param>
/// <param name="unread">What was seen and not read; null when calls are not followed.</param>
internal sealed class AgentStatus(CallTally calls, FindingLog? findings = null, Func<UnreadCounts>? unread = null)
{
    private readonly Lock _lock = new();
    private Func<TapCounters>? _counters;
    private Func<string?>? _interfaceProblem;
    private string? _loadProblem;
    private TapCounters _last;
    private RingBufferGauge? _ring;
    private RingBufferFill? _lastRing;

    // V1Alpha1McpTapReportStatus.Message takes no more.
    private const int LongestProblem = 1024;

    /// <summary>Why it does not capture; null when it does, and before it has tried. One line of plain text.</summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
            {
                string? problem = _interfaceProblem is null ? _loadProblem : _interfaceProblem();
                return problem is null ? null : WireText.Escape(problem, LongestProblem);
            }
        }
    }

    /// <summary>One of <see cref="NodePhase"/>.</summary>
    public string Phase
    {
        get
        {
            lock (_lock)
            {
                return Problem is not null ? NodePhase.Failed
                    : _interfaceProblem is null ? NodePhase.Starting
                    : NodePhase.Running;
            }
        }
    }

    /// <summary>Why it is not ready, in one line; null when it captures.</summary>
    public string? NotReady
    {
        get
        {
            lock (_lock)
            {
                return Phase == NodePhase.Running ? null : Problem ?? "starting";
            }
        }
    }

    /// <summary>The filter's counts; the last ones after the tap has ended.</summary>
    public TapCounters Counters
    {
        get
        {
            lock (_lock)
            {
                return _counters is null ? _last : _last = _counters();
            }
        }
    }

    /// <summary>
    /// How full the ring buffer is; as it was last after the tap has ended, and null before there is one.
    /// </summary>
    public RingBufferFill? RingBuffer
    {
        get
        {
            lock (_lock)
            {
                return _ring is null
                    ? _lastRing
                    : _lastRing = new RingBufferFill
                    {
                        SizeBytes = _ring.Size,
                        UsedBytes = _ring.Used,
                        HighestBytes = _ring.Highest,
                    };
            }
        }
    }

    /// <summary>The filter could not be loaded.</summary>
    public void Failed(string problem)
    {
        lock (_lock)
        {
            _loadProblem = problem;
        }
    }

    /// <summary>The filter is loaded; from now on its interfaces tell whether it captures.</summary>
    public void Loaded(Func<TapCounters> counters, Func<string?> interfaceProblem, RingBufferGauge? ring = null)
    {
        lock (_lock)
        {
            (_counters, _interfaceProblem, _ring) = (counters, interfaceProblem, ring);
        }
    }

    /// <summary>The tap is about to be disposed of: keeps its last counts.</summary>
    public void Ended()
    {
        lock (_lock)
        {
            _ = (Counters, RingBuffer);
            (_counters, _ring) = (null, null);
        }
    }

    /// <summary>All of it, as a report tells it.</summary>
    public AgentSnapshot Snapshot()
    {
        lock (_lock)
        {
            TapCounters now = Counters;
            return new AgentSnapshot(
                Phase,
                Problem,
                Counts(now.Total, now.Filtered, now.Captured, now.Dropped),
                Counts(now.TotalBytes, now.FilteredBytes, now.CapturedBytes, now.DroppedBytes),
                calls.Snapshot() with
                {
                    Unread = unread?.Invoke() is { Total: > 0 } some ? some : null,
                },
                findings?.Newest(),
                RingBuffer
            );
        }
    }

    private static TrafficCounts Counts(ulong total, ulong filtered, ulong captured, ulong dropped) =>
        new()
        {
            Total = (long)total,
            Filtered = (long)filtered,
            Captured = (long)captured,
            Dropped = (long)dropped,
        };
}
