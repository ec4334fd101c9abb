using Ocx.Audit.Wire;
using Ocx.NodeProgram;

namespace Ocx.Gate.Counts;

/// <summary>
/// What all workers have counted together over the gate's whole life. For any thread; what workers count meanwhile may
/// be in it or not.
/// </summary>
internal sealed class GateTotals
{
    private readonly Lock _lock = new();

    // The first has what was counted by those that have ended.
    private readonly List<WorkerCounts> _workers = [new()];

    /// <summary>The counts of one more worker, until it is told to <see cref="Keep"/> them.</summary>
    public WorkerCounts Add()
    {
        var counts = new WorkerCounts();
        lock (_lock)
        {
            _workers.Add(counts);
        }

        return counts;
    }

    /// <summary>A worker has ended: what it counted stays, and nothing of it waits any more.</summary>
    public void Keep(WorkerCounts ended)
    {
        lock (_lock)
        {
            if (_workers.Remove(ended))
            {
                _workers[0].Add(ended);
            }
        }
    }

    /// <summary>Packets with this fate.</summary>
    public long Packets(PacketFate fate) => All().Sum(worker => worker.Packets(fate));

    /// <summary>What should not have happened with a packet or a verdict, and cost a connection.</summary>
    public long Faults => All().Sum(worker => worker.Faults);

    /// <summary>One of the last of that; null without any.</summary>
    public Exception? LastFault => All().Select(worker => worker.LastFault).LastOrDefault(fault => fault is not null);

    /// <summary>Calls that wait now, or whose results do.</summary>
    public long Holding => Tallies().Sum(tally => tally.Holding);

    /// <summary>Calls whose deadline came.</summary>
    public long Expired => Tallies().Sum(tally => tally.Expired);

    /// <summary>Calls of which this was held, and that ended so.</summary>
    public long Calls(GateHeld held, GateEnd end) => Tallies().Sum(tally => tally.Calls(held, end));

    /// <summary>What could not be held or decided, and passed all the same.</summary>
    public long Opened(GateFailure failure) => Tallies().Sum(tally => tally.Opened(failure));

    /// <summary>What could not be held or decided, and was refused or closed for it.</summary>
    public long Closed(GateFailure failure) => Tallies().Sum(tally => tally.Closed(failure));

    /// <summary>How long calls and results were held.</summary>
    public DurationHistogram Held => Sum(WorkerCounts.NewHeld(), worker => worker.Held);

    /// <summary>How long after its verdict a hold ended.</summary>
    public DurationHistogram AfterVerdict => Sum(WorkerCounts.NewAfterVerdict(), worker => worker.AfterVerdict);

    /// <summary>As the auditor is told of them.</summary>
    public GateCounts ToMessage()
    {
        var counts = new GateCounts();
        foreach (
            var audit in All()
                .SelectMany(worker => worker.Audits)
                .Where(audit => audit.Key.Length > 0)
                .GroupBy(audit => audit.Key, audit => audit.Value, StringComparer.Ordinal)
                .OrderBy(audit => audit.Key, StringComparer.Ordinal)
        )
        {
            counts.Audits.Add(ToMessage(audit.Key, [.. audit]));
        }

        return counts;
    }

    private static GateAuditCounts ToMessage(string audit, AuditTally[] tallies)
    {
        var counts = new GateAuditCounts
        {
            Audit = audit,
            Holding = (ulong)Math.Max(0, tallies.Sum(tally => tally.Holding)),
        };
        foreach (GateFailure failure in Enum.GetValues<GateFailure>())
        {
            var count = new GateFailureCount
            {
                Failure = failure,
                Opened = (ulong)tallies.Sum(tally => tally.Opened(failure)),
                Closed = (ulong)tallies.Sum(tally => tally.Closed(failure)),
            };
            if (count.Opened + count.Closed > 0)
            {
                counts.Failures.Add(count);
            }
        }

        return counts;
    }

    private DurationHistogram Sum(DurationHistogram sum, Func<WorkerCounts, DurationHistogram> which)
    {
        foreach (WorkerCounts worker in All())
        {
            sum.Add(which(worker));
        }

        return sum;
    }

    private IEnumerable<AuditTally> Tallies() => All().SelectMany(worker => worker.Audits).Select(audit => audit.Value);

    private WorkerCounts[] All()
    {
        lock (_lock)
        {
            return [.. _workers];
        }
    }
}
