using System.Threading.Channels;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>
/// The one task that writes: it takes what is waiting, puts all of it into one transaction, and acknowledges when that
/// is stored.
/// </summary>
internal sealed class LedgerWriter : IAsyncDisposable
{
    private const int MostInBatch = 512;

    private readonly ILedgerStore _store;
    private readonly LedgerChain _chain;
    private readonly LedgerOptions _options;
    private readonly TimeProvider _time;
    private readonly Channel<LedgerWork> _waiting;
    private readonly ITimer _clock;
    private readonly Task _writing;

    private volatile LedgerException? _refused;
    private volatile LedgerRetention _retention;
    private string? _told; // of chains that nobody writes
    private bool _isClosed;

    /// <summary>Goes on with a chain.</summary>
    /// <exception cref="LedgerException">It cannot be gone on with.</exception>
    public LedgerWriter(ILedgerStore store, LedgerOptions options, TimeProvider time)
    {
        (_store, _options, _time, _retention) = (store, options, time, options.Retention);
        _waiting = Channel.CreateBounded<LedgerWork>(
            new BoundedChannelOptions(options.Queue) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
        );
        _chain = new LedgerChain(store, options, time);
        _chain.Continue();
        TimeSpan tick = options.HeadAfter / 4;
        _clock = time.CreateTimer(_ => _waiting.Writer.TryWrite(new LedgerWork.Tick()), null, tick, tick);
        _writing = Task.Run(RunAsync);
    }

    /// <summary>The key that signs now, and those known that signed before it.</summary>
    public IReadOnlyList<LedgerPublicKey> PublicKeys =>
        [
            .. new[] { _chain.Key, _options.Key, _options.PreviousKey }
                .OfType<LedgerSigningKey>()
                .Select(key => key.PublicKey)
                .DistinctBy(key => key.Id),
        ];

    /// <summary>Lets nothing be written from now on.</summary>
    public void Refuse(LedgerException why) => _refused = why;

    /// <inheritdoc cref="ILedger.Retain"/>
    public void Retain(LedgerRetention retention)
    {
        _retention = retention;
        _waiting.Writer.TryWrite(new LedgerWork.Tick());
    }

    /// <inheritdoc cref="ILedger.AppendAsync"/>
    public async Task<LedgerAppend> AppendAsync(LedgerEntry entry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!LedgerLimits.IsKey(entry.Intent.Key))
        {
            throw new ArgumentException("no key for a call", nameof(entry));
        }

        var append = new LedgerWork.Append(entry);
        await PutAsync(append, cancellation).ConfigureAwait(false);
        return await append.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Does something within a transaction.</summary>
    public async Task ChangeAsync(Action<LedgerChain> make, CancellationToken cancellation)
    {
        var change = new LedgerWork.Change(make);
        await PutAsync(change, cancellation).ConfigureAwait(false);
        await change.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes what is waiting, and signs a last head.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
        {
            return;
        }

        _waiting.Writer.TryComplete();
        await _clock.DisposeAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PutAsync(LedgerWork work, CancellationToken cancellation)
    {
        try
        {
            await _waiting.Writer.WriteAsync(work, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(ILedger));
        }
    }

    private async Task RunAsync()
    {
        var batch = new List<LedgerWork>(MostInBatch);
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (batch.Count < MostInBatch && _waiting.Reader.TryRead(out LedgerWork? work))
            {
                batch.Add(work);
            }

            _ = TryWrite(batch, isLast: false, out bool more);
            more |= batch.Any(work => work is LedgerWork.Tick) && LookAfterOthers();
            batch.Clear();
            if (more)
            {
                _waiting.Writer.TryWrite(new LedgerWork.Tick());
            }
        }

        // A connection may have been lost since it was used last.
        _ = TryWrite([], isLast: true, out _) || TryWrite([], isLast: true, out _);
    }

    private bool TryWrite(List<LedgerWork> batch, bool isLast, out bool moreToDrop)
    {
        moreToDrop = false;
        ChainState before = _chain.State;
        try
        {
            if (_refused is { } refused)
            {
                throw new LedgerException(refused.Message, refused);
            }

            if (_store.Renew())
            {
                _chain.Continue();
                TellOfLoss(before.Position, _chain.State.Position);
                before = _chain.State;
            }

            while (true)
            {
                try
                {
                    moreToDrop = Write(batch, isLast);
                    return true;
                }
                catch (WriteAgainException)
                {
                    _chain.State = before; // it has its record now, and is found
                }
            }
        }
        catch (Exception error)
        {
            // What was written is taken back; who waits is told.
            _chain.State = before;
            Exception told = _store.Explain(error);
            batch.ForEach(work => work.Fail(told));
            return false;
        }
    }

    // True when there is more to drop.
    private bool Write(List<LedgerWork> batch, bool isLast)
    {
        IReadOnlyList<LedgerWork.Append> appends = [.. batch.OfType<LedgerWork.Append>()];
        IReadOnlyList<LedgerWork.Change> changes = [.. batch.OfType<LedgerWork.Change>()];
        IReadOnlyList<LedgerAppend> done = [];
        bool more = false;
        if (batch.Count > 0 || isLast)
        {
            _store.Commit(() =>
            {
                done = _chain.Add([.. appends.Select(append => append.Entry)]);
                foreach (LedgerWork.Change change in changes)
                {
                    change.Make(_chain);
                }

                _chain.Sign(isLast);
                more = _chain.Drop(_retention, byAge: batch.Any(work => work is LedgerWork.Tick));
            });
        }

        for (int i = 0; i < appends.Count; i++)
        {
            appends[i].Done.TrySetResult(done[i]);
        }

        foreach (LedgerWork.Change change in changes)
        {
            change.Done.TrySetResult();
        }

        _store.Tidy();
        return more;
    }

    private void TellOfLoss(LedgerPosition was, LedgerPosition now)
    {
        if (was.Sequence > now.Sequence)
        {
            _options.Warn(
                $"the database has lost records {now.Sequence + 1} to {was.Sequence} of the chain {_store.Chain}, "
                    + "which were acknowledged: it was restored, or a copy that was behind has taken over"
            );
        }
    }

    // Drops what is too old of chains that nobody writes any more. True when there is more.
    private bool LookAfterOthers()
    {
        bool more = false;
        try
        {
            foreach (ILedgerStore other in _store.Abandoned())
            {
                using (other)
                {
                    var chain = new LedgerChain(other, _options, _time);
                    chain.Continue();
                    other.Commit(() => more |= chain.Drop(_retention, byAge: true));
                }
            }
        }
        catch (Exception error)
        {
            // It is not this chain: this one goes on.
            string told = _store.Explain(error).Message;
            if (told != _told)
            {
                _told = told;
                _options.Warn($"a chain that nobody writes is not dropped from: {told}");
            }
        }

        return more;
    }
}
