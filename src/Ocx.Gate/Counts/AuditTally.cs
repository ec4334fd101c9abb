using Ocx.Audit.Wire;

namespace Ocx.Gate.Counts;

/// <summary>What one worker has counted of one audit. The worker alone writes; any thread reads.</summary>
internal sealed class AuditTally
{
    /// <summary>How many values <see cref="GateHeld"/> has.</summary>
    public const int Helds = 3;

    /// <summary>How many values <see cref="GateEnd"/> has.</summary>
    public const int Ends = 5;

    /// <summary>How many values <see cref="GateFailure"/> has.</summary>
    public const int Failures = 8;

    private readonly long[] _ends = new long[Helds * Ends];
    private readonly long[] _passed = new long[Failures];
    private readonly long[] _closed = new long[Failures];
    private long _holding;
    private long _expired;

    /// <summary>Calls that wait now, or whose results do.</summary>
    public long Holding
    {
        get => Volatile.Read(ref _holding);
        set => Volatile.Write(ref _holding, value);
    }

    /// <summary>Calls whose deadline came.</summary>
    public long Expired
    {
        get => Volatile.Read(ref _expired);
        set => Volatile.Write(ref _expired, value);
    }

    /// <summary>Calls of which this was held, and that ended so.</summary>
    public long Calls(GateHeld held, GateEnd end) => Volatile.Read(ref _ends[((int)held * Ends) + (int)end]);

    /// <summary>What passed all the same.</summary>
    public long Opened(GateFailure failure) => Volatile.Read(ref _passed[(int)failure]);

    /// <summary>What was refused or closed for it.</summary>
    public long Closed(GateFailure failure) => Volatile.Read(ref _closed[(int)failure]);

    /// <summary>A call ended.</summary>
    public void Ended(GateHeld held, GateEnd end) => _ends[((int)held * Ends) + (int)end]++;

    /// <summary>Something could not be held or decided.</summary>
    public void Failed(GateFailure failure, bool passed) => (passed ? _passed : _closed)[(int)failure]++;

    /// <summary>Adds what a worker has counted that has ended, and holds nothing any more.</summary>
    public void Add(AuditTally ended)
    {
        Expired += ended.Expired;
        Add(_ends, ended._ends);
        Add(_passed, ended._passed);
        Add(_closed, ended._closed);
    }

    private static void Add(long[] to, long[] more)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] += more[i];
        }
    }
}
