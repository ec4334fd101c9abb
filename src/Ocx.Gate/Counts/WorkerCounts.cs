using System.Collections.Concurrent;
using Ocx.Audit.Wire;
using Ocx.NodeProgram;

namespace Ocx.Gate.Counts;

/// <summary>What became of a packet.</summary>
internal enum PacketFate
{
    /// <summary>It went on at once, as it was.</summary>
    Passed,

    /// <summary>It waits, or waited; counted when it begins to.</summary>
    Held,

    /// <summary>It went nowhere.</summary>
    Dropped,

    /// <summary>It went on with other bytes.</summary>
    Rewritten,
}

/// <summary>
/// What one worker has counted since it began. The worker alone writes, without a lock; any thread reads.
/// </summary>
internal sealed class WorkerCounts
{
    /// <summary>How many values <see cref="PacketFate"/> has.</summary>
    public const int Fates = 4;

    // An auditor names the audits; one that names ever new ones does not make this grow.
    private const int MaxAudits = 4096;

    private static readonly double[] s_held =
    [
        0.001,
        0.002,
        0.005,
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10,
        30,
        55,
    ];
    private static readonly double[] s_late = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.1, 1];

    private readonly long[] _packets = new long[Fates];
    private long _faults;
    private Exception? _lastFault;
    private readonly ConcurrentDictionary<string, AuditTally> _audits = new(StringComparer.Ordinal);

    /// <summary>How long calls and results were held.</summary>
    public DurationHistogram Held { get; } = NewHeld();

    /// <summary>How long after its verdict a hold ended.</summary>
    public DurationHistogram AfterVerdict { get; } = NewAfterVerdict();

    /// <summary>By audit.</summary>
    public IEnumerable<KeyValuePair<string, AuditTally>> Audits => _audits;

    /// <summary>An empty histogram of holds.</summary>
    public static DurationHistogram NewHeld() => new(s_held);

    /// <summary>An empty histogram of what a hold lasts beyond its verdict.</summary>
    public static DurationHistogram NewAfterVerdict() => new(s_late);

    /// <summary>Packets with this fate.</summary>
    public long Packets(PacketFate fate) => Volatile.Read(ref _packets[(int)fate]);

    /// <summary>A packet has this fate.</summary>
    public void Packet(PacketFate fate) => _packets[(int)fate]++;

    /// <summary>What should not have happened with a packet or a verdict, and cost a connection.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>The last of that; null without any.</summary>
    public Exception? LastFault => Volatile.Read(ref _lastFault);

    /// <summary>Something happened that should not.</summary>
    public void Faulted(Exception fault)
    {
        Volatile.Write(ref _lastFault, fault);
        Volatile.Write(ref _faults, _faults + 1);
    }

    /// <summary>A call, or its result, begins to wait.</summary>
    /// <param name="audit">The first audit that may be its own.</param>
    public void HoldBegan(string audit) => Of(audit).Holding++;

    /// <summary>What began to wait does not wait any more.</summary>
    /// <param name="audit">As it was told to <see cref="HoldBegan"/>.</param>
    public void HoldEnded(string audit) => Of(audit).Holding--;

    /// <summary>A call that was asked about, or should have been, is decided and carried out.</summary>
    /// <param name="audit">The audit that judged it; else the first that may be its own.</param>
    /// <param name="ended">As the auditor is told of it.</param>
    /// <param name="expired">Its deadline came, here or at the auditor.</param>
    public void CallEnded(string audit, GateEnded ended, bool expired)
    {
        AuditTally tally = Of(audit);
        tally.Ended(ended.Held, ended.End);
        tally.Expired += expired ? 1 : 0;
        if (ended.Held != GateHeld.Nothing)
        {
            Held.Add(ended.HeldNs / 1e9);
            if (ended.Failure == GateFailure.Unspecified)
            {
                AfterVerdict.Add(ended.AfterVerdictNs / 1e9);
            }
        }

        if (ended.Failure != GateFailure.Unspecified)
        {
            tally.Failed(ended.Failure, ended.End == GateEnd.Released);
        }
    }

    /// <summary>Something without a call could not be held or decided: a connection that cannot be read.</summary>
    /// <param name="audit">The first audit of its port.</param>
    /// <param name="failure">Why.</param>
    /// <param name="passed">It passes all the same.</param>
    public void Failed(string audit, GateFailure failure, bool passed) => Of(audit).Failed(failure, passed);

    /// <summary>Adds what a worker has counted that has ended.</summary>
    public void Add(WorkerCounts ended)
    {
        for (int fate = 0; fate < Fates; fate++)
        {
            _packets[fate] += ended._packets[fate];
        }

        _faults += ended.Faults;
        _lastFault = ended.LastFault ?? _lastFault;
        Held.Add(ended.Held);
        AfterVerdict.Add(ended.AfterVerdict);
        foreach ((string audit, AuditTally tally) in ended._audits)
        {
            Of(audit).Add(tally);
        }
    }

    private AuditTally Of(string audit)
    {
        if (_audits.TryGetValue(audit, out AuditTally? tally))
        {
            return tally;
        }

        // The worker alone adds: between the look and the addition there is no other.
        return _audits.GetOrAdd(_audits.Count < MaxAudits ? audit : string.Empty, _ => new());
    }
}
