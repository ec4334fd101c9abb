using System.Threading.Channels;

namespace Ocx.Operator.Runtime;

/// <summary>
/// A queue of keys in which a key stands at most once. A key that is added while it is processed stands again afterwards,
/// so no change is lost and no key is processed twice at the same time.
/// </summary>
/// <param name="backoff">The delays of a key that fails.</param>
internal sealed class WorkQueue(ExponentialBackoff backoff)
{
    private readonly Channel<string> _ready = Channel.CreateUnbounded<string>();
    private readonly Lock _lock = new();
    private readonly HashSet<string> _dirty = [];
    private readonly HashSet<string> _processing = [];
    private readonly Dictionary<string, int> _failures = [];
    private readonly Dictionary<string, DateTime> _due = [];

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
            if (_dirty.Add(key) && !_processing.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Adds a key later, unless it is due earlier already.</summary>
    public void AddAfter(string key, TimeSpan delay)
    {
        var due = DateTime.UtcNow + delay;
        lock (_lock)
        {
            if (_due.TryGetValue(key, out var earlier) && earlier <= due)
            {
                return;
            }

            _due[key] = due;
        }

        _ = Task.Delay(delay).ContinueWith(_ => AddDue(key, due), TaskScheduler.Default);
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

        AddAfter(key, backoff.Delay(failures));
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

    // An entry that an earlier one replaced has nothing left to do.
    private void AddDue(string key, DateTime due)
    {
        lock (_lock)
        {
            if (!_due.TryGetValue(key, out var current) || current != due)
            {
                return;
            }

            _due.Remove(key);
        }

        Add(key);
    }
}
