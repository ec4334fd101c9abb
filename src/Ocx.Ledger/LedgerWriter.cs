using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>
/// The one task that writes: it takes what is waiting, puts all of it into one transaction, and acknowledges when that
/// is on the disk.
/// </summary>
internal sealed class LedgerWriter
{
    private const int MostInBatch = 512;
    private const int MostDropped = 2000; // at once, so that appends do not wait for long

    private readonly LedgerDatabase _database;
    private readonly SqliteLedgerOptions _options;
    private readonly TimeProvider _time;
    private readonly Channel<Work> _waiting;

    private volatile LedgerException? _refused;
    private LedgerSigningKey _key;
    private LedgerPosition _position;
    private long _headed; // the last head's number
    private DateTimeOffset _headedAt;
    private long _dropped; // the last number that the stub stands for

    public LedgerWriter(LedgerDatabase database, SqliteLedgerOptions options, TimeProvider time)
    {
        (_database, _options, _time, _key) = (database, options, time, options.Key);
        _waiting = Channel.CreateBounded<Work>(
            new BoundedChannelOptions(options.Queue) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
        );
        _headedAt = time.GetUtcNow();
        Continue();
    }

    /// <summary>The last record.</summary>
    public LedgerPosition Position => _position;

    /// <summary>Where work is put.</summary>
    public ChannelWriter<Work> Waiting => _waiting.Writer;

    /// <summary>Lets nothing be written from now on.</summary>
    public void Refuse(LedgerException why) => _refused = why;

    /// <summary>Writes until nothing more can come; then signs a last head.</summary>
    public async Task RunAsync()
    {
        var batch = new List<Work>(MostInBatch);
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (batch.Count < MostInBatch && _waiting.Reader.TryRead(out Work? work))
            {
                batch.Add(work);
            }

            bool more = Write(batch, isLast: false);
            batch.Clear();
            if (more)
            {
                _waiting.Writer.TryWrite(new Tick());
            }
        }

        Write([], isLast: true);
        _database.Checkpoint();
    }

    // Goes on where the file ends.
    private void Continue()
    {
        if (_database.Stub() is { } stub)
        {
            _position = ReadSeal(stub);
            _dropped = _position.Sequence;
        }
        else
        {
            _position = LedgerPosition.Start;
        }

        if (_database.LastRecord() is { } last)
        {
            _position = Read(last).Position;
        }

        if (_database.LastHead() is not { } head)
        {
            _database.Commit(() => AddHead(_key, null));
            return;
        }

        LedgerSeal seal = LedgerSeal.Read(head) ?? throw Damaged("its last head cannot be read");
        if (seal.Position.Sequence > _position.Sequence)
        {
            throw Damaged($"it ends at record {_position.Sequence}, and its last head knows {seal.Position.Sequence}");
        }

        _headed = seal.Position.Sequence;
        TakeOver(seal.NextKeyId ?? seal.KeyId);
    }

    private void TakeOver(string signer)
    {
        if (signer == _key.Id)
        {
            return;
        }

        if (_options.PreviousKey is not { } previous || previous.Id != signer)
        {
            throw new LedgerException(
                $"the ledger {_options.Path} is signed by key {signer}, and not by key {_key.Id}: "
                    + "give the old key as the previous one, or move the ledger away to begin a new one"
            );
        }

        _database.Commit(() => AddHead(previous, _key.PublicKey));
    }

    // True when there is more to drop.
    private bool Write(List<Work> batch, bool isLast)
    {
        (LedgerPosition position, long headed, DateTimeOffset headedAt) = (_position, _headed, _headedAt);
        (long dropped, LedgerSigningKey key) = (_dropped, _key);
        var done = new List<Action>(batch.Count);
        bool more = false;
        try
        {
            if (_refused is { } refused)
            {
                throw new LedgerException(refused.Message, refused);
            }

            _database.Commit(() =>
            {
                done.AddRange(batch.Select(Take));
                if (_position.Sequence > _headed && (isLast || IsHeadDue()))
                {
                    AddHead(_key, null);
                }

                more = Drop(byAge: batch.Any(work => work is Tick));
            });
        }
        catch (Exception error)
        {
            // What was written is taken back; who waits is told.
            (_position, _headed, _headedAt, _dropped, _key) = (position, headed, headedAt, dropped, key);
            Exception told = error is SqliteException wrong ? LedgerFile.Explain(_options.Path, wrong) : error;
            batch.ForEach(work => work.Fail(told));
            return false;
        }

        done.ForEach(acknowledge => acknowledge());
        if (_dropped != dropped)
        {
            Shrink();
        }

        return more;
    }

    private void Shrink()
    {
        try
        {
            _database.Shrink();
        }
        catch (SqliteException)
        {
            // The pages stay free for later records.
        }
    }

    private Action Take(Work work)
    {
        switch (work)
        {
            case Append append:
                LedgerAppend result = Add(append.Entry);
                return () => append.Done.TrySetResult(result);
            case Rotate rotate:
                AddHead(_key, rotate.Next.PublicKey);
                _key = rotate.Next;
                return () => rotate.Done.TrySetResult();
            default:
                return () => { };
        }
    }

    private LedgerAppend Add(LedgerEntry entry)
    {
        if (_database.Find(entry.Intent.Key) is { } existing)
        {
            return new LedgerAppend(Read(existing).Position, Existed: true);
        }

        LedgerLine line = LedgerRecordWriter.Write(_database.Chain, _position, entry);
        _database.AddRecord(line, entry);
        _position = line.Position;
        return new LedgerAppend(line.Position, Existed: false);
    }

    private bool IsHeadDue() =>
        _position.Sequence - _headed >= _options.HeadEvery || _time.GetUtcNow() - _headedAt >= _options.HeadAfter;

    private void AddHead(LedgerSigningKey key, LedgerPublicKey? next)
    {
        DateTimeOffset now = _time.GetUtcNow();
        _database.AddHead(LedgerSeals.WriteHead(_database.Chain, _position, now, key, next), next is not null);
        (_headed, _headedAt) = (_position.Sequence, now);
    }

    // Drops a few of the oldest records when they are too old or too many. True when it did: there may be more.
    private bool Drop(bool byAge)
    {
        long last = 0;
        if (byAge && _options.MaxAge is { } age)
        {
            last = _database.OlderThan(_time.GetUtcNow() - age, MostDropped);
        }

        if (last == 0 && _options.MaxBytes is { } most && _database.Bytes > most)
        {
            last = _database.Oldest((int)Math.Clamp((_position.Sequence - _dropped) / 10, 1, MostDropped));
        }

        if (last == 0 || _database.Record(last) is not { } line)
        {
            return false;
        }

        LedgerPosition position = Read(line).Position;
        _database.Drop(LedgerSeals.WriteStub(_database.Chain, 1, position, _time.GetUtcNow(), _key));
        _dropped = last;
        return true;
    }

    private LedgerRecord Read(byte[] line)
    {
        try
        {
            return LedgerRecord.Read(line) ?? throw Damaged("a record is none");
        }
        catch (FormatException wrong)
        {
            throw LedgerFile.Damaged(_options.Path, "a record cannot be read", wrong);
        }
    }

    private LedgerPosition ReadSeal(byte[] line) =>
        LedgerSeal.Read(line)?.Position ?? throw Damaged("its stub cannot be read");

    private LedgerException Damaged(string why) => LedgerFile.Damaged(_options.Path, why, null);

    /// <summary>What the writer is to do.</summary>
    internal abstract record Work
    {
        public virtual void Fail(Exception error) { }
    }

    /// <summary>Look at the clock.</summary>
    internal sealed record Tick : Work;

    /// <summary>Append a record.</summary>
    internal sealed record Append(LedgerEntry Entry) : Work
    {
        public TaskCompletionSource<LedgerAppend> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Fail(Exception error) => Done.TrySetException(error);
    }

    /// <summary>Let another key sign from now on.</summary>
    internal sealed record Rotate(LedgerSigningKey Next) : Work
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Fail(Exception error) => Done.TrySetException(error);
    }
}
