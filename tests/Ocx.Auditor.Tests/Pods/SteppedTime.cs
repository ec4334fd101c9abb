namespace Ocx.Auditor.Tests.Pods;

/// <summary>A clock that goes when the test says so.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that will go off.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state), GetTimestamp() + dueTime.Ticks);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    public void Step(TimeSpan by)
    {
        long now = Interlocked.Add(ref _now, by.Ticks);
        Timer[] due;
        lock (_lock)
        {
            due = [.. _timers.Where(timer => timer.Due <= now)];
            _timers.RemoveAll(timer => timer.Due <= now);
        }

        foreach (Timer timer in due)
        {
            timer.Go();
        }
    }

    private sealed class Timer(SteppedTime time, Action go, long due) : ITimer
    {
        public long Due => due;

        public void Go() => go();

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose()
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
