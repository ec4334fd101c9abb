using System.Threading.Channels;
using Ocx.Kube;

namespace Ocx.Operator.Runtime;

/// <summary>
/// A queue of keys in which a key stands at most once. A key that is added while it is processed stands again
/// afterwards, so no change is lost and no key is processed twice at the same time. A key waits for at most one later
/// moment, and one timer serves them all: however often a key is added, the queue does not grow.
/// </summary>
internal sealed class WorkQueue : IDisposable
{
    // A timer's own bound is 49 days. To look once a day at what should rest for longer costs nothing.
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromDays(1);

    private readonly Channel<string> _ready = Channel.CreateUnbounded<string>();
    private readonly Lock _lock = new();
    private readonly HashSet<string> _dirty = [];
    private readonly HashSet<string> _processing = [];
    private readonly Dictionary<string, int> _failures = [];
    private readonly Dictionary<string, long> _due = [];
    private readonly ExponentialBackoff _backoff;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>Creates a queue.</summary>
    /// <param name="backoff">The delays of a key that fails.</param>
    /// <param name="time">The clock.</param>
    public WorkQueue(ExponentialBackoff backoff, TimeProvider time)
    {
        _backoff = backoff;
        _time = time;
        _timer = time.CreateTimer(_ => AddDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The keys that wait to be processed.</summary>
    public int Depth
    {
        get
        {
            lock (_lock)
            {
                return _dirty.Count;
            }
        }
    }

    /// <summary>Adds a key.</summary>
    public void Add(string key)
    {
        lock (_lock)
        {
            AddLocked(key);
        }
    }

    /// <summary>Adds a key later, unless it is due earlier already. A delay of more than a day is a day.</summary>
    public void AddAfter(string key, TimeSpan delay)
    {
        delay =
            delay < TimeSpan.Zero ? TimeSpan.Zero
            : delay > s_longestDelay ? s_longestDelay
            : delay;
        lock (_lock)
        {
            var due = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
            if (_due.TryGetValue(key, out var earlier) && earlier <= due)
            {
                return;
            }

            var isFirst = _due.Count == 0 || due < _due.Values.Min();
            _due[key] = due;
            if (isFirst)
            {
                SetTimer(due);
            }
        }
    }

    /// <summary>Adds a key that failed, later with each failure in a row.</summary>
    public void AddFailed(string key)
    {
        int failures;
        lock (_lock)
        {
            failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
        }

        AddAfter(key, _backoff.Delay(failures));
    }

    /// <summary>The key succeeded: its failures are forgotten.</summary>
    public void Forget(string key)
    {
        lock (_lock)
        {
            _failures.Remove(key);
        }
    }

    /// <summary>Takes the next key; <see cref="Done"/> must follow.</summary>
    public async ValueTask<string> TakeAsync(CancellationToken cancellationToken)
    {
        var key = await _ready.Reader.ReadAsync(cancellationToken);
        lock (_lock)
        {
            _dirty.Remove(key);
            _processing.Add(key);
        }

        return key;
    }

    /// <summary>The key has been processed.</summary>
    public void Done(string key)
    {
        lock (_lock)
        {
            _processing.Remove(key);
            if (_dirty.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void AddLocked(string key)
    {
        if (_dirty.Add(key) && !_processing.Contains(key))
        {
            _ready.Writer.TryWrite(key);
        }
    }

    private void AddDue()
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            foreach (var key in _due.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToList())
            {
                _due.Remove(key);
                AddLocked(key);
            }

            if (_due.Count > 0)
            {
                SetTimer(_due.Values.Min());
            }
        }
    }

    // A millisecond more, since a timer counts in milliseconds and must not come too early.
    private void SetTimer(long due)
    {
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due) + TimeSpan.FromMilliseconds(1);
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
