using Ocx.Audit.Link;
using Ocx.Audit.Wire;

namespace Ocx.Gate.Asking;

/// <summary>
/// What the workers ask and tell, until the link has sent it, and the answers' way back to whoever asked. Bounded in
/// number and bytes. For any thread; nothing in it is for packets.
/// </summary>
/// <param name="rules">What is held until the auditor says otherwise.</param>
internal sealed class AuditorMailbox(HoldRules rules) : IDisposable
{
    /// <summary>Questions that wait for an answer take at most this, in bytes of memory.</summary>
    public const long MaxBytes = 16L << 20;

    /// <summary>How many calls are asked about and not yet told of at most.</summary>
    public const int MaxCalls = 16_384;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _some = new(0, 1);
    private readonly Dictionary<string, AskedCall> _calls = new(StringComparer.Ordinal);
    private readonly List<WorkerInbox> _inboxes = [];
    private Queue<AskedCall> _unsent = new();
    private HoldRules _rules = rules;
    private TaskCompletionSource? _sent;
    private GateCounts? _counts;
    private bool _countsWait;
    private GatePods? _pods;
    private bool _podsWait;
    private long _bytes;
    private ulong _asked;
    private volatile bool _isUp;

    /// <summary>Is there an auditor that answers?</summary>
    public bool IsAuditorUp => _isUp;

    /// <summary>What is held.</summary>
    public HoldRules Rules
    {
        get
        {
            lock (_lock)
            {
                return _rules;
            }
        }
    }

    /// <summary>Calls that are asked about and not yet told of.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _calls.Count;
            }
        }
    }

    /// <summary>A worker's place.</summary>
    /// <param name="wake">
    /// Wakes the worker. Any thread calls it, also when there is nothing for the worker, and under the mailbox's lock:
    /// it returns at once. It is not called any more once the inbox is quiet or disposed.
    /// </param>
    /// <param name="isItsPod">Which pods are its own; null without a cluster.</param>
    public WorkerInbox Join(Action wake, Func<HeldPod, bool>? isItsPod = null)
    {
        lock (_lock)
        {
            var inbox = new WorkerInbox(this, wake, isItsPod, _rules);
            _inboxes.Add(inbox);
            return inbox;
        }
    }

    /// <summary>Ends when there is something to send.</summary>
    public Task WaitAsync(CancellationToken cancellation) => _some.WaitAsync(cancellation);

    /// <summary>Ends when nothing is to be sent any more, or there is nobody to send it to.</summary>
    public Task WhenSent()
    {
        lock (_lock)
        {
            _sent ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_isUp || (!_countsWait && _unsent.Count == 0))
            {
                _sent.TrySetResult();
            }

            return _sent.Task;
        }
    }

    /// <summary>The next message to send; null when there is none now.</summary>
    public GateMessage? Next()
    {
        lock (_lock)
        {
            if (_countsWait)
            {
                _countsWait = false;
                return new() { Counts = _counts };
            }

            if (_podsWait)
            {
                _podsWait = false;
                return new() { Pods = _pods };
            }

            while (_unsent.TryDequeue(out AskedCall? call))
            {
                if (call.Ended is { } ended)
                {
                    _calls.Remove(ended.Key);
                    return new() { Ended = ended };
                }

                if (call.State == CallState.Waits)
                {
                    (call.State, call.IsKnown) = (CallState.Sent, true);
                    return new() { Opened = call.Opened };
                }
            }

            _sent?.TrySetResult();
            return null;
        }
    }

    /// <summary>The auditor is there. What it has not answered, counts and pods are sent again.</summary>
    public void Connected()
    {
        lock (_lock)
        {
            _unsent = new(
                _calls
                    .Values.Where(call => call.Ended is not null || call.State is CallState.Waits or CallState.Sent)
                    .OrderBy(call => call.Place)
            );
            foreach (AskedCall call in _unsent)
            {
                call.State = call.Ended is null ? CallState.Waits : call.State;
            }

            (_countsWait, _podsWait) = (_counts is not null, _pods is not null);
            _isUp = true;
            WakeLink();
            WakeWorkers();
        }
    }

    /// <summary>The auditor is gone.</summary>
    public void Disconnected()
    {
        lock (_lock)
        {
            if (_isUp)
            {
                _isUp = false;
                WakeWorkers();
            }
        }
    }

    /// <summary>The auditor says what is held from now on.</summary>
    public void Deliver(HoldRules rules)
    {
        lock (_lock)
        {
            _rules = rules;
            foreach (WorkerInbox inbox in _inboxes)
            {
                inbox.Put(rules);
            }
        }
    }

    /// <summary>The auditor has an answer.</summary>
    /// <param name="key">The call.</param>
    /// <param name="verdict">The verdict; null when the auditor does not take the question.</param>
    /// <param name="arrivedAt">When it arrived, by <see cref="System.Diagnostics.Stopwatch"/>.</param>
    /// <returns>False when nobody waits for it.</returns>
    public bool Answer(string key, GateVerdict? verdict, long arrivedAt)
    {
        lock (_lock)
        {
            if (!_calls.TryGetValue(key, out AskedCall? call) || call.State != CallState.Sent || call.Ended is not null)
            {
                return false;
            }

            Answered(call);
            call.Asker.Put(new GateAnswer(key, verdict, arrivedAt));
            return true;
        }
    }

    /// <summary>Sends these counts, if they are not the last ones.</summary>
    public void Tell(GateCounts counts)
    {
        lock (_lock)
        {
            if (!counts.Equals(_counts))
            {
                (_counts, _countsWait) = (counts, true);
                WakeLink();
            }
        }
    }

    /// <summary>Sends which pods are gated, if the auditor was not told so.</summary>
    /// <param name="pods">The pods; null where it does not want to know.</param>
    public void Tell(GatePods? pods)
    {
        lock (_lock)
        {
            if (!Equals(pods, _pods))
            {
                (_pods, _podsWait) = (pods, pods is not null);
                WakeLink();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _some.Dispose();

    internal bool Ask(Opened opened, WorkerInbox asker)
    {
        int size = CallMessages.SizeOf(opened, opened.Arguments.Length);
        lock (_lock)
        {
            if (_calls.Count >= MaxCalls || _bytes + size > MaxBytes)
            {
                return false;
            }

            var call = new AskedCall(++_asked, asker) { Opened = opened, Size = size };
            _calls.Add(opened.Key, call);
            _bytes += size;
            _unsent.Enqueue(call);
            WakeLink();
            return true;
        }
    }

    internal void Tell(GateEnded ended)
    {
        lock (_lock)
        {
            if (!_calls.TryGetValue(ended.Key, out AskedCall? call) || call.Ended is not null)
            {
                return;
            }

            bool isQueued = call.State == CallState.Waits;
            Answered(call);
            if (!call.IsKnown)
            {
                // No auditor has heard of it: none is to judge what is over. The counts tell of it.
                _calls.Remove(ended.Key);
                return;
            }

            call.Ended = ended;
            if (!isQueued)
            {
                _unsent.Enqueue(call);
                WakeLink();
            }
        }
    }

    internal void Quiet(WorkerInbox inbox)
    {
        lock (_lock)
        {
            inbox.IsQuiet = true;
        }
    }

    internal void Leave(WorkerInbox inbox)
    {
        lock (_lock)
        {
            inbox.IsQuiet = true;
            _inboxes.Remove(inbox);
            foreach (
                (string key, AskedCall call) in _calls
                    .Where(call => call.Value.Asker == inbox && call.Value.Ended is null)
                    .ToArray()
            )
            {
                Answered(call);
                _calls.Remove(key);
            }
        }
    }

    private void Answered(AskedCall call)
    {
        _bytes -= call.Size;
        (call.Opened, call.Size, call.State) = (null, 0, CallState.Answered);
    }

    private void WakeLink()
    {
        if (_isUp && _some.CurrentCount == 0)
        {
            _some.Release();
        }
    }

    private void WakeWorkers()
    {
        foreach (WorkerInbox inbox in _inboxes)
        {
            inbox.Wake();
        }
    }

    private enum CallState
    {
        Waits,
        Sent,
        Answered,
    }

    private sealed class AskedCall(ulong place, WorkerInbox asker)
    {
        public ulong Place => place;

        public WorkerInbox Asker => asker;

        public Opened? Opened { get; set; }

        public int Size { get; set; }

        public CallState State { get; set; }

        // An auditor may have heard of it.
        public bool IsKnown { get; set; }

        // What is to be told of it; it is forgotten once that is sent.
        public GateEnded? Ended { get; set; }
    }
}
