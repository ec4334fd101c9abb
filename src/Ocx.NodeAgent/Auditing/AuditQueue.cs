using Ocx.Audit.Wire;

namespace Ocx.NodeAgent.Auditing;

/// <summary>
/// Messages to the auditor, from when they are told until they are acknowledged: bounded in bytes and number. What
/// finds no room is shed and counted, and the auditor is told of it. One thread adds, another sends.
/// </summary>
internal sealed class AuditQueue : IDisposable
{
    /// <summary>What waits at most, in bytes of memory: some 10,000 messages of calls with small arguments.</summary>
    public const long MaxBytes = Api.AgentFootprint.AuditQueue;

    /// <summary>How many messages wait at most.</summary>
    public const int MaxMessages = 32_768;

    // An eighth is left to the ends of calls whose beginnings are told.
    private const long MaxBytesToOpen = MaxBytes / 8 * 7;
    private const int MaxMessagesToOpen = MaxMessages / 8 * 7;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _some = new(0, 1);
    private readonly Queue<Entry> _sent = new();
    private Queue<Entry> _unsent = new();
    private TaskCompletionSource? _empty;
    private AuditCounts _counts;
    private ulong _sequence;
    private ulong _lossTold;
    private bool _lossWaits;
    private bool _closed;

    /// <summary>What became of messages. Safe from any thread.</summary>
    public AuditCounts Counts
    {
        get
        {
            lock (_lock)
            {
                return _counts;
            }
        }
    }

    /// <summary>A message about a call waits from now on, or is shed. <see cref="Wake"/> has it sent.</summary>
    public void Add(AgentMessage message)
    {
        int size = AuditMessages.SizeOf(message);
        lock (_lock)
        {
            bool opens = message.BodyCase == AgentMessage.BodyOneofCase.Opened;
            if (_closed)
            {
                _counts = _counts with { Stopped = _counts.Stopped.With(message) };
            }
            else if (
                _counts.Waiting + size > (opens ? MaxBytesToOpen : MaxBytes)
                || _sent.Count + _unsent.Count >= (opens ? MaxMessagesToOpen : MaxMessages)
            )
            {
                _counts = _counts with { Full = _counts.Full.With(message) };
            }
            else
            {
                Enqueue(message, size);
            }
        }
    }

    /// <summary>What waits should go; what was lost meanwhile is told.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            TellLoss();
            WakeLocked();
        }
    }

    /// <summary>Ends when there is something to send.</summary>
    public Task WaitAsync(CancellationToken cancellation) => _some.WaitAsync(cancellation);

    /// <summary>The next message to send; null when there is none now.</summary>
    /// <param name="isLast">None waits behind it.</param>
    public AgentMessage? Next(out bool isLast)
    {
        lock (_lock)
        {
            bool any = _unsent.TryDequeue(out Entry entry);
            isLast = _unsent.Count == 0;
            if (!any)
            {
                return null;
            }

            _sent.Enqueue(entry);
            return entry.Message;
        }
    }

    /// <summary>All up to this one are taken.</summary>
    /// <returns>False when it was not sent.</returns>
    public bool Acknowledge(ulong through)
    {
        lock (_lock)
        {
            ulong sent = _unsent.TryPeek(out Entry next) ? next.Message.Sequence - 1 : _sequence;
            if (through > sent)
            {
                return false;
            }

            while (_sent.TryPeek(out Entry oldest) && oldest.Message.Sequence <= through)
            {
                bool isLoss = Leave(_sent);
                _counts = _counts with { Taken = _counts.Taken + (isLoss ? 0u : 1u) };
            }

            TellLoss();
            WakeLocked();
            return true;
        }
    }

    /// <summary>The stream broke: what was not acknowledged is sent again.</summary>
    public void Rewind()
    {
        lock (_lock)
        {
            var again = new Queue<Entry>(_sent);
            _sent.Clear();
            foreach (Entry entry in _unsent)
            {
                again.Enqueue(entry);
            }

            _unsent = again;
            WakeLocked();
        }
    }

    /// <summary>
    /// The auditor does not take the oldest of those that were sent and not acknowledged: it is lost.
    /// </summary>
    /// <returns>False when nothing was sent that it can mean.</returns>
    public bool Refuse()
    {
        lock (_lock)
        {
            if (!_sent.TryPeek(out Entry oldest))
            {
                return false;
            }

            Leave(_sent);
            _counts = _counts with { Refused = _counts.Refused.With(oldest.Message) };
            return true;
        }
    }

    /// <summary>Ends when all is acknowledged.</summary>
    public Task WhenEmpty()
    {
        lock (_lock)
        {
            TellLoss();
            WakeLocked();
            _empty ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            NoteEmpty();
            return _empty.Task;
        }
    }

    /// <summary>No more is sent: what waits, and what is still added, is lost.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (Entry entry in _sent.Concat(_unsent))
            {
                _counts = _counts with { Stopped = _counts.Stopped.With(entry.Message) };
            }

            _sent.Clear();
            _unsent.Clear();
            _counts = _counts with { Waiting = 0 };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _some.Dispose();
    }

    // One such message at a time, which needs no room among the others: each has the whole count.
    private void TellLoss()
    {
        ulong lost = _counts.Full.Total + _counts.Refused.Total;
        if (_closed || _lossWaits || lost == _lossTold)
        {
            return;
        }

        (_lossWaits, _lossTold) = (true, lost);
        var message = new AgentMessage { Lost = new() };
        if (_counts.Full.Total > 0)
        {
            message.Lost.Counts.Add(_counts.Full.ToLost(LostReason.Full));
        }

        if (_counts.Refused.Total > 0)
        {
            message.Lost.Counts.Add(_counts.Refused.ToLost(LostReason.Refused));
        }

        Enqueue(message, AuditMessages.SizeOf(message));
    }

    private void Enqueue(AgentMessage message, int size)
    {
        message.Sequence = ++_sequence;
        _unsent.Enqueue(new(message, size));
        _counts = _counts with { Waiting = _counts.Waiting + size };
    }

    // True when it was a message of loss.
    private bool Leave(Queue<Entry> from)
    {
        Entry entry = from.Dequeue();
        _counts = _counts with { Waiting = _counts.Waiting - entry.Size };
        bool isLoss = entry.Message.BodyCase == AgentMessage.BodyOneofCase.Lost;
        _lossWaits &= !isLoss;
        NoteEmpty();
        return isLoss;
    }

    private void NoteEmpty()
    {
        if (_sent.Count + _unsent.Count == 0)
        {
            _empty?.TrySetResult();
        }
    }

    private void WakeLocked()
    {
        if (_unsent.Count > 0 && _some.CurrentCount == 0)
        {
            _some.Release();
        }
    }

    private readonly record struct Entry(AgentMessage Message, int Size);
}
