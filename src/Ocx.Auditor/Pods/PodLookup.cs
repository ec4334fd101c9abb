using System.Net;
using Ocx.Auditor.Audits;

namespace Ocx.Auditor.Pods;

/// <summary>
/// Finds the pods at an address. A pod may serve a moment before the API server has told of it: an address that is not
/// known is waited for, once, and then taken for no pod's for a while. For any thread.
/// </summary>
public sealed class PodLookup : IDisposable
{
    /// <summary>How long an address is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How long it is taken for no pod's then, unless a pod comes with it.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(15);

    /// <summary>How many addresses are waited for, or remembered as no pod's, at once.</summary>
    public const int MostAddresses = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Waiting> _awaited = [];
    private readonly Dictionary<IPAddress, long> _absent = [];
    private readonly Queue<(IPAddress Address, long Since)> _absentByAge = new();
    private readonly PodIndex _index;
    private readonly TimeProvider _time;

    /// <summary>Looks into an index.</summary>
    /// <param name="index">The pods.</param>
    /// <param name="time">The clock.</param>
    public PodLookup(PodIndex index, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(index);
        (_index, _time) = (index, time);
        index.Arrived += OnArrived;
    }

    /// <summary>The pods at an address; none when none comes in time.</summary>
    public ValueTask<IReadOnlyList<ServerPod>> AtAsync(IPAddress address)
    {
        IReadOnlyList<ServerPod> known = _index.At(address);
        return known.Count > 0 ? ValueTask.FromResult(known) : new(WaitAsync(address));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _index.Arrived -= OnArrived;
        lock (_lock)
        {
            foreach (Waiting waiting in _awaited.Values)
            {
                waiting.Over();
            }

            _awaited.Clear();
        }
    }

    private async Task<IReadOnlyList<ServerPod>> WaitAsync(IPAddress address)
    {
        Waiting? waiting;
        lock (_lock)
        {
            Forget();
            if (_absent.ContainsKey(address))
            {
                return [];
            }

            if (!_awaited.TryGetValue(address, out waiting))
            {
                if (_awaited.Count >= MostAddresses)
                {
                    return [];
                }

                waiting = new Waiting(_time, Patience, () => GiveUp(address));
                _awaited.Add(address, waiting);
            }
        }

        // It may have come before anybody waited for it.
        if (_index.At(address) is { Count: > 0 } come)
        {
            OnArrived(address);
            return come;
        }

        await waiting.Ends;
        return _index.At(address);
    }

    private void OnArrived(IPAddress address)
    {
        lock (_lock)
        {
            _absent.Remove(address);
            if (_awaited.Remove(address, out Waiting? waiting))
            {
                waiting.Over();
            }
        }
    }

    private void GiveUp(IPAddress address)
    {
        lock (_lock)
        {
            if (!_awaited.Remove(address, out Waiting? waiting))
            {
                return;
            }

            long now = _time.GetTimestamp();
            _absent[address] = now;
            _absentByAge.Enqueue((address, now));
            Forget();
            waiting.Over();
        }
    }

    private void Forget()
    {
        while (
            _absentByAge.TryPeek(out (IPAddress Address, long Since) oldest)
            && (_absentByAge.Count > MostAddresses || _time.GetElapsedTime(oldest.Since) >= Memory)
        )
        {
            _absentByAge.Dequeue();
            if (_absent.TryGetValue(oldest.Address, out long since) && since == oldest.Since)
            {
                _absent.Remove(oldest.Address);
            }
        }
    }

    private sealed class Waiting
    {
        private readonly TaskCompletionSource _ends = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ITimer _timer;

        public Waiting(TimeProvider time, TimeSpan patience, Action giveUp) =>
            _timer = time.CreateTimer(_ => giveUp(), null, patience, Timeout.InfiniteTimeSpan);

        public Task Ends => _ends.Task;

        public void Over()
        {
            _timer.Dispose();
            _ends.TrySetResult();
        }
    }
}
