namespace Ocx.Auditor.Deciding;

/// <summary>
/// The gates that are there, by their nodes: all of one place without a cluster. One that left a moment ago counts as
/// one that may be back: it proves itself anew each hour, and an auditor that has just started knows none. For any
/// thread.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ConnectedGates(TimeProvider time)
{
    /// <summary>How long one that has left is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _left = new(StringComparer.Ordinal);
    private readonly long _began = time.GetTimestamp();
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Is one of this node there now?</summary>
    public bool HasNow(string node)
    {
        lock (_lock)
        {
            return _byNode.ContainsKey(node);
        }
    }

    /// <summary>Is one of this node there, or back within a moment?</summary>
    public ValueTask<bool> HasAsync(string node) => HasNow(node) ? ValueTask.FromResult(true) : new(WaitAsync(node));

    /// <summary>One has its rules, and holds calls until what is returned is disposed.</summary>
    public IDisposable Enter(string node)
    {
        TaskCompletionSource arrived;
        lock (_lock)
        {
            _byNode[node] = _byNode.GetValueOrDefault(node) + 1;
            arrived = _arrived;
            _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        arrived.TrySetResult();
        return new Stay(this, node);
    }

    private async Task<bool> WaitAsync(string node)
    {
        while (true)
        {
            Task arrived;
            TimeSpan left;
            lock (_lock)
            {
                if (_byNode.ContainsKey(node))
                {
                    return true;
                }

                left = Patience - time.GetElapsedTime(_left.GetValueOrDefault(node, _began));
                arrived = _arrived.Task;
            }

            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            await arrived.WaitAsync(left, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Leave(string node)
    {
        lock (_lock)
        {
            int others = _byNode[node] - 1;
            if (others > 0)
            {
                _byNode[node] = others;
                return;
            }

            _byNode.Remove(node);
            foreach (
                string old in _left
                    .Where(each => time.GetElapsedTime(each.Value) > Patience)
                    .Select(each => each.Key)
                    .ToList()
            )
            {
                _left.Remove(old);
            }

            _left[node] = time.GetTimestamp();
        }
    }

    private sealed class Stay(ConnectedGates gates, string node) : IDisposable
    {
        private int _over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
            {
                gates.Leave(node);
            }
        }
    }
}
