using System.Collections.Concurrent;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>
/// How many spans, or logs, wait for the receiver, which it took, and which were shed: those that found the queue full
/// and those of a batch that was refused. The SDK's own queue tells nobody what it drops, so nothing is given to it
/// that does not fit. Safe from any thread.
/// </summary>
internal sealed class ExportCounts
{
    /// <summary>How many may wait; the SDK's queue has this place, and a batch is under way besides.</summary>
    public const int MaxWaiting = 4096;

    /// <summary>What they may hold in memory together, in bytes, but for the last of them.</summary>
    public const long MaxWaitingBytes = 8 << 20;

    // In the order in which they leave.
    private readonly ConcurrentQueue<int> _sizes = new();
    private long _waiting;
    private long _bytes;
    private long _exported;
    private long _shed;

    /// <summary>What the receiver took.</summary>
    public ulong Exported => (ulong)Volatile.Read(ref _exported);

    /// <summary>What it did not, and never will.</summary>
    public ulong Shed => (ulong)Volatile.Read(ref _shed);

    /// <summary>Takes a place in the queue; without one, what was to wait is shed.</summary>
    public bool TryWait()
    {
        // One thread adds, so the bound holds.
        if (Volatile.Read(ref _waiting) >= MaxWaiting || Volatile.Read(ref _bytes) >= MaxWaitingBytes)
        {
            Interlocked.Increment(ref _shed);
            return false;
        }
        Interlocked.Increment(ref _waiting);
        return true;
    }

    /// <summary>The place is taken by so many bytes; before they are given to the queue.</summary>
    public void Take(int bytes)
    {
        _sizes.Enqueue(bytes);
        Interlocked.Add(ref _bytes, bytes);
    }

    /// <summary>The place was not needed.</summary>
    public void Leave() => Interlocked.Decrement(ref _waiting);

    /// <summary>A batch is over.</summary>
    public void Ended(long count, bool taken)
    {
        for (long left = count; left > 0 && _sizes.TryDequeue(out int bytes); left--)
        {
            Interlocked.Add(ref _bytes, -bytes);
        }
        Interlocked.Add(ref taken ? ref _exported : ref _shed, count);
        Interlocked.Add(ref _waiting, -count);
    }

    /// <summary>Nothing is sent any more: what still waits is shed.</summary>
    public void Close() => Interlocked.Add(ref _shed, Interlocked.Exchange(ref _waiting, 0));
}
