using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>
/// One chain as its writer goes on with it: what comes next, who signs, what is dropped. Works within a transaction of
/// its store; whoever takes that back puts <see cref="State"/> back too. For one thread.
/// </summary>
internal sealed class LedgerChain(ILedgerStore store, LedgerOptions options, TimeProvider time)
{
    private const int MostDropped = 2000; // at once, so that appends do not wait for long

    private readonly TotalsCounter _totals = new();
    private volatile LedgerSigningKey _key = options.Key;
    private LedgerSigningKey? _next; // of a change whose end was not seen
    private LedgerPosition _position = LedgerPosition.Start;
    private long _headed; // the last head's number
    private DateTimeOffset _headedAt = time.GetUtcNow();
    private long _dropped; // the last number that the stub stands for

    /// <summary>The key that signs now.</summary>
    public LedgerSigningKey Key => _key;

    /// <summary>What a transaction changes.</summary>
    public ChainState State
    {
        get => new(_position, _headed, _headedAt, _dropped, _key);
        set => (_position, _headed, _headedAt, _dropped, _key) = value;
    }

    /// <summary>Goes on where the store ends.</summary>
    /// <exception cref="LedgerException">It cannot be gone on with.</exception>
    public void Continue()
    {
        _position = LedgerPosition.Start;
        _dropped = 0;
        if (store.Stub() is { } stub)
        {
            _position = LedgerSeal.Read(stub)?.Position ?? throw store.Damaged("its stub cannot be read", null);
            _dropped = _position.Sequence;
        }

        if (store.LastRecord() is { } last)
        {
            _position = Read(last).Position;
        }

        _totals.Continue(store.Totals(TotalKind.RefusedTool));
        if (store.LastHead() is not { } head)
        {
            store.Commit(() => AddHead(_key, null));
            return;
        }

        LedgerSeal seal = LedgerSeal.Read(head) ?? throw store.Damaged("its last head cannot be read", null);
        if (seal.Position.Sequence > _position.Sequence)
        {
            string ends = $"it ends at record {_position.Sequence}, and its last head knows {seal.Position.Sequence}";
            throw store.Damaged(ends, null);
        }

        _headed = seal.Position.Sequence;
        TakeOver(seal.NextKeyId ?? seal.KeyId);
    }

    /// <summary>Adds a record for each entry whose call has none.</summary>
    public IReadOnlyList<LedgerAppend> Add(IReadOnlyList<LedgerEntry> entries)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        Dictionary<string, LedgerAppend> known = store
            .Find([.. entries.Select(entry => entry.Intent.Key).Distinct()])
            .ToDictionary(found => found.Key, Existing);
        var records = new List<NewRecord>(entries.Count);
        var appends = new List<LedgerAppend>(entries.Count);
        foreach (LedgerEntry entry in entries)
        {
            if (known.TryGetValue(entry.Intent.Key, out LedgerAppend existing))
            {
                appends.Add(existing);
                continue;
            }

            LedgerLine line = LedgerRecordWriter.Write(store.Chain, _position, entry);
            records.Add(new NewRecord(line, entry));
            appends.Add(new LedgerAppend(line.Position, Existed: false));
            known[entry.Intent.Key] = new LedgerAppend(line.Position, Existed: true);
            _position = line.Position;
        }

        if (records.Count > 0)
        {
            store.Add(records);
            store.AddTotals(_totals.Count(records.Select(record => record.Entry)));
        }

        return appends;
    }

    /// <summary>Lets another key sign from now on.</summary>
    public void Rotate(LedgerSigningKey next)
    {
        _next = next;
        AddHead(_key, next.PublicKey);
        _key = next;
    }

    /// <summary>Forgets the totals of an audit.</summary>
    public void Forget(AuditReference audit)
    {
        store.ForgetTotals(audit);
        _totals.Forget(audit);
    }

    /// <summary>Adds what gates told to the totals.</summary>
    public void Count(IEnumerable<HoldCounts> counts)
    {
        var totals = new Dictionary<TotalKey, long>();
        foreach (HoldCounts each in counts)
        {
            each.AddTo(totals);
        }

        store.AddTotals(totals);
    }

    /// <summary>Signs a head when it is time for one, or when it is the last.</summary>
    public void Sign(bool isLast)
    {
        bool isDue = _position.Sequence - _headed >= options.HeadEvery;
        if (_position.Sequence > _headed && (isLast || isDue || time.GetUtcNow() - _headedAt >= options.HeadAfter))
        {
            AddHead(_key, null);
        }
    }

    /// <summary>Drops a few of the oldest records when they are too old or too many.</summary>
    /// <param name="retention">How much is kept.</param>
    /// <param name="byAge">Whether ages are looked at.</param>
    /// <returns>True when it did: there may be more.</returns>
    public bool Drop(LedgerRetention retention, bool byAge)
    {
        long last = 0;
        if (byAge && retention.MaxAge is { } age)
        {
            last = store.OlderThan(time.GetUtcNow() - age, MostDropped);
        }

        if (last == 0 && retention.MaxBytes is { } most && store.IsTooLarge(most))
        {
            last = store.Oldest((int)Math.Clamp((_position.Sequence - _dropped) / 10, 1, MostDropped));
        }

        if (last == 0 || store.Record(last) is not { } line)
        {
            return false;
        }

        store.Drop(LedgerSeals.WriteStub(store.Chain, 1, Read(line).Position, time.GetUtcNow(), _key));
        _dropped = last;
        return true;
    }

    // The key that a record was found by stands beside it, where nothing is hashed.
    private LedgerAppend Existing(KeyValuePair<string, byte[]> found)
    {
        LedgerRecord record = Read(found.Value);
        return record.Entry.Intent.Key == found.Key
            ? new LedgerAppend(record.Position, Existed: true)
            : throw store.Damaged($"a record is found by the key {found.Key}, which is another call's", null);
    }

    private void TakeOver(string signer)
    {
        if (signer == _key.Id)
        {
            return;
        }

        if (_next is { } next && next.Id == signer)
        {
            _key = next;
            return;
        }

        if (options.PreviousKey is not { } previous || previous.Id != signer)
        {
            throw store.SignedByAnother(signer, _key.Id);
        }

        store.Commit(() => AddHead(previous, _key.PublicKey));
    }

    private void AddHead(LedgerSigningKey key, LedgerPublicKey? next)
    {
        DateTimeOffset now = time.GetUtcNow();
        store.AddHead(LedgerSeals.WriteHead(store.Chain, _position, now, key, next), next is not null);
        (_headed, _headedAt) = (_position.Sequence, now);
    }

    private LedgerRecord Read(byte[] line)
    {
        try
        {
            return LedgerRecord.Read(line) ?? throw store.Damaged("a record is none", null);
        }
        catch (FormatException wrong)
        {
            throw store.Damaged("a record cannot be read", wrong);
        }
    }
}

/// <summary>What a transaction changes of a chain.</summary>
internal readonly record struct ChainState(
    LedgerPosition Position,
    long Headed,
    DateTimeOffset HeadedAt,
    long Dropped,
    LedgerSigningKey Key
);
