using System.Security.Cryptography;
using System.Text;

namespace Ocx.Audit.Ledger;

/// <summary>What is known of one chain of a ledger while it is read.</summary>
internal sealed class LedgerChainVerifier(
    ReadOnlySpan<byte> name,
    string shown,
    IReadOnlyDictionary<string, LedgerPublicKey> trusted,
    LedgerProblems problems
) : IDisposable
{
    private const int HashLength = 64;
    private const int MostAhead = 1024;

    private readonly byte[] _name = name.ToArray();
    private readonly LedgerChainKeys _keys = new(trusted);
    private readonly LedgerGaps _gaps = new();
    private readonly List<(long Sequence, string Hash)> _ahead = []; // heads of records that are still to come

    // The last record's hash as it says. The other one: what its hash would be, or that of its double.
    private readonly byte[] _hash = Enumerable.Repeat((byte)'0', HashLength).ToArray();
    private readonly byte[] _other = new byte[HashLength];
    private bool _hasOther;
    private bool _lastIsSuspect; // it was said already that the last record is not as it was

    private readonly LedgerRecentHashes _recent = new();
    private byte[] _scratch = new byte[4096];
    private long _last;
    private long _records;
    private long _dropped;
    private long _signed;
    private long _unreadable; // lines since the last record that could be read

    public string Name => shown;

    public bool HasName(ReadOnlySpan<byte> other) => other.SequenceEqual(_name);

    public void Unreadable() => _unreadable++;

    public void Record(in LedgerLineFields record, long line)
    {
        _records++;
        long sequence = record.Sequence;
        Span<byte> hash = stackalloc byte[HashLength];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Whole(record), digest);
        _ = Convert.TryToHexStringLower(digest, hash, out _);
        bool isItself = hash.SequenceEqual(record.Hash);
        if (!isItself || !record.IsCanonical)
        {
            string why = isItself ? "it is not in canonical form" : "its hash is not that of its text";
            Problem(LedgerProblemKind.Changed, sequence, sequence, line, $"record {sequence} was changed: {why}");
        }

        if (sequence <= _last)
        {
            Late(record, line);
            return;
        }

        if (sequence > _last + 1)
        {
            Gap(sequence, record.Previous, line);
        }
        else if (!_lastIsSuspect && !Follows(record.Previous))
        {
            DoesNotFollow(sequence, line);
        }

        Advance(sequence, record.Hash);
        _lastIsSuspect = !isItself || !record.IsCanonical;
        if (!isItself)
        {
            hash.CopyTo(_other);
            _hasOther = true;
        }

        Reached();
    }

    public void Head(in LedgerLineFields head, long line)
    {
        if (!IsSigned(head, "head", line))
        {
            return;
        }

        if (head.Sequence == _last)
        {
            Compare(head.Sequence, Follows(head.Hash), line);
        }
        else if (head.Sequence > _last)
        {
            if (_ahead.Count == MostAhead)
            {
                _ahead.Remove(_ahead.MaxBy(known => known.Sequence)); // of many that are not reached, one says it all
            }

            _ahead.Add((head.Sequence, Encoding.UTF8.GetString(head.Hash)));
        }
        else if (_recent.TryFind(head.Sequence, out ReadOnlySpan<byte> hash))
        {
            Compare(head.Sequence, head.Hash.SequenceEqual(hash), line);
        }
        else
        {
            string text = $"the head of record {head.Sequence} stands behind record {_last}, where it proves nothing";
            Problem(LedgerProblemKind.Reordered, head.Sequence, head.Sequence, line, text);
        }
    }

    public void Stub(in LedgerLineFields stub, long line)
    {
        if (!IsSigned(stub, "stub", line))
        {
            return;
        }

        if (stub.From <= _last)
        {
            string text = $"the stub of records {stub.From} to {stub.Sequence} stands behind record {_last}";
            Problem(LedgerProblemKind.Reordered, stub.From, stub.Sequence, line, text);
            return;
        }

        if (stub.From > _last + 1)
        {
            Removed(_last + 1, stub.From - 1, line);
        }

        _dropped += stub.Count;
        Advance(stub.Sequence, stub.Hash);
        _signed = stub.Sequence;
        Reached();
    }

    public LedgerChainReport Finish()
    {
        foreach (LedgerGaps.Gap gap in _gaps.Left)
        {
            Removed(gap.First, gap.Last, gap.Line);
        }

        if (_ahead.Count > 0)
        {
            long known = _ahead.Max(head => head.Sequence);
            string text = $"the end was cut: a signed head tells of record {known}, and the last one is {_last}";
            Problem(LedgerProblemKind.Cut, _last + 1, known, 0, text);
        }

        return new LedgerChainReport(shown, _records, _dropped, _last, _signed);
    }

    public void Dispose() => _keys.Dispose();

    private void Gap(long sequence, ReadOnlySpan<byte> previous, long line)
    {
        (long first, long last) = (_last + 1, sequence - 1);
        if (last - first + 1 == _unreadable)
        {
            string text = $"{Records(first, last)} changed: no such line can be read";
            Problem(LedgerProblemKind.Changed, first, last, line, text);
        }
        else if (!_gaps.TryAdd(new LedgerGaps.Gap(first, last, _hash.ToArray(), previous.ToArray(), line)))
        {
            Removed(first, last, line);
        }
    }

    // A record with a number that is behind us: it was passed over, or the number is taken.
    private void Late(in LedgerLineFields record, long line)
    {
        long sequence = record.Sequence;
        if (_gaps.TryTake(record, out bool follows))
        {
            string text = $"record {sequence} stands behind a later one";
            Problem(LedgerProblemKind.Reordered, sequence, sequence, line, text);
            if (!follows)
            {
                text = $"record {sequence} was changed: the records around it know another one";
                Problem(LedgerProblemKind.Changed, sequence, sequence, line, text);
            }

            return;
        }

        string why = sequence <= _dropped ? "was dropped and is there again" : "stands there twice";
        Problem(LedgerProblemKind.Inserted, sequence, sequence, line, $"record {sequence} {why}");
        if (sequence == _last)
        {
            record.Hash.CopyTo(_other);
            _hasOther = true;
        }
    }

    private void DoesNotFollow(long sequence, long line)
    {
        // What is signed, and the start, is as it was: then it is this record.
        long changed = _last == _signed ? sequence : _last;
        string text =
            changed == sequence
                ? $"record {sequence} was changed: it does not follow what is signed before it"
                : $"record {changed} was changed: record {sequence} follows another one";
        Problem(LedgerProblemKind.Changed, changed, changed, line, text);
    }

    // Heads of what has been reached by now.
    private void Reached()
    {
        if (_ahead.Count == 0)
        {
            return;
        }

        for (int i = _ahead.Count - 1; i >= 0; i--)
        {
            (long sequence, string hash) = _ahead[i];
            if (sequence > _last)
            {
                continue;
            }

            _ahead.RemoveAt(i);
            if (sequence == _last)
            {
                Compare(sequence, Follows(Encoding.UTF8.GetBytes(hash)), 0);
            }
        }
    }

    private void Compare(long sequence, bool isSame, long line)
    {
        if (isSame)
        {
            _signed = Math.Max(_signed, sequence);
            return;
        }

        string text = $"a signed head knows another record {sequence}: records after {_signed} were written anew";
        Problem(LedgerProblemKind.HeadDisagrees, Math.Min(_signed + 1, sequence), sequence, line, text);
    }

    private bool IsSigned(in LedgerLineFields sealing, string kind, long line)
    {
        LedgerChainKeys.Answer answer = _keys.Look(sealing, Whole(sealing), out string key);
        if (answer == LedgerChainKeys.Answer.Right)
        {
            return true;
        }

        (LedgerProblemKind problem, string why) = answer switch
        {
            LedgerChainKeys.Answer.Wrong => (LedgerProblemKind.BadSignature, "has a wrong signature"),
            LedgerChainKeys.Answer.Retired => (
                LedgerProblemKind.UnknownKey,
                $"is signed by key {key}, which another one has replaced"
            ),
            _ => (LedgerProblemKind.UnknownKey, $"is signed by key {key}, which is not trusted"),
        };
        Problem(problem, sealing.Sequence, sealing.Sequence, line, $"the {kind} of record {sealing.Sequence} {why}");
        return false;
    }

    private bool Follows(ReadOnlySpan<byte> hash) =>
        hash.SequenceEqual(_hash) || (_hasOther && hash.SequenceEqual(_other));

    private void Advance(long sequence, ReadOnlySpan<byte> hash)
    {
        _last = sequence;
        hash.CopyTo(_hash);
        _recent.Add(sequence, hash);
        _hasOther = _lastIsSuspect = false;
        _unreadable = 0;
    }

    // What was hashed or signed, in one piece.
    private ReadOnlySpan<byte> Whole(in LedgerLineFields line)
    {
        int length = line.Before.Length + line.Behind.Length;
        if (_scratch.Length < length)
        {
            _scratch = new byte[LedgerLimits.Line];
        }

        line.Before.CopyTo(_scratch);
        line.Behind.CopyTo(_scratch.AsSpan(line.Before.Length));
        return _scratch.AsSpan(0, length);
    }

    private void Removed(long first, long last, long line) =>
        Problem(LedgerProblemKind.Removed, first, last, line, $"{Records(first, last)} removed");

    private static string Records(long first, long last) =>
        first == last ? $"record {first} was" : $"records {first} to {last} were";

    private void Problem(LedgerProblemKind kind, long first, long last, long line, string text) =>
        problems.Add(kind, shown, first, last, line, text);
}
