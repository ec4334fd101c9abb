using System.Buffers.Text;
using System.Text.Json;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>What kind of line it is.</summary>
internal enum LedgerLineKind
{
    Record,
    Head,
    Stub,
}

/// <summary>
/// The members of a line that hold a chain together, as they stand in the line. Nothing is believed of them yet.
/// </summary>
internal ref struct LedgerLineFields
{
    private const int Depth = 8; // a vote's member is the deepest, at 4

    private const int MostMembers = 24; // a record has 17

    private static readonly JsonReaderOptions s_reader = new() { MaxDepth = Depth };

    public LedgerLineKind Kind;
    public ReadOnlySpan<byte> Chain;
    public ReadOnlySpan<byte> Hash;
    public ReadOnlySpan<byte> Previous;
    public ReadOnlySpan<byte> Key;
    public ReadOnlySpan<byte> NextKey;
    public ReadOnlySpan<byte> Signature;

    /// <summary>Is the line in canonical form?</summary>
    public bool IsCanonical;

    /// <summary>A record's number, or that of the record a head speaks of; of a stub the last it stands for.</summary>
    public long Sequence;

    /// <summary>The first record that a stub stands for.</summary>
    public long From;

    /// <summary>How many records a stub stands for.</summary>
    public long Count;

    /// <summary>The line's parts before and behind the hash or the signature: what that is made of.</summary>
    public ReadOnlySpan<byte> Before;
    public ReadOnlySpan<byte> Behind;

    private ReadOnlySpan<byte> _kind;
    private Range _hashAt;
    private Range _signatureAt;
    private long _number;
    private long _to;
    private long _version;

    /// <summary>Reads a line.</summary>
    /// <returns>False when it is no line of a ledger.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, out LedgerLineFields fields)
    {
        fields = default;
        if (line.Length > LedgerLimits.Line)
        {
            return false;
        }

        try
        {
            return fields.TryRead(line);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool TryRead(ReadOnlySpan<byte> line)
    {
        From = Count = _to = _number = _version = -1;
        Span<CanonicalMember> members = stackalloc CanonicalMember[MostMembers];
        IsCanonical = CanonicalJson.TryReadMembers(line, members, out int count);
        if (IsCanonical)
        {
            foreach (CanonicalMember member in members[..count])
            {
                Set(line[member.Name], line[member.Value..member.End], member.Start, member.End);
            }
        }
        else if (!TryReadAnyForm(line))
        {
            return false;
        }

        if (_version != LedgerRecordWriter.Version || !IsHash(Hash) || !IsChain(Chain))
        {
            return false;
        }

        if (_kind.SequenceEqual("record"u8))
        {
            (Kind, Sequence) = (LedgerLineKind.Record, _number);
            return TryLeaveOut(line, _hashAt) && IsHash(Previous) && Sequence > 0;
        }

        if (_kind.SequenceEqual("head"u8))
        {
            (Kind, Sequence) = (LedgerLineKind.Head, _number);
            return TryLeaveOut(line, _signatureAt) && Key.Length > 0 && Sequence >= 0;
        }

        (Kind, Sequence) = (LedgerLineKind.Stub, _to);
        return _kind.SequenceEqual("stub"u8)
            && TryLeaveOut(line, _signatureAt)
            && Key.Length > 0
            && From > 0
            && _to >= From
            && Count == _to - From + 1;
    }

    // So that a line that was spelled anew can be called by its number.
    private bool TryReadAnyForm(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line, s_reader);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = json.ValueSpan;
            int start = (int)json.TokenStartIndex;
            json.Read();
            int value = (int)json.TokenStartIndex;
            json.Skip(); // over an object or array
            int end = (int)json.BytesConsumed;
            Set(name, line[value..end], start, end);
        }

        IsCanonical = CanonicalJson.IsCanonical(line);
        return !json.Read();
    }

    private void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int start, int end)
    {
        ReadOnlySpan<byte> text = value is [(byte)'"', .. var inner, (byte)'"'] ? inner : default;
        switch (name)
        {
            case [(byte)'c', (byte)'h', ..] when name.SequenceEqual("chain"u8):
                Chain = text;
                break;
            case [(byte)'c', (byte)'o', ..] when name.SequenceEqual("count"u8):
                Count = Number(value);
                break;
            case [(byte)'f', ..] when name.SequenceEqual("from"u8):
                From = Number(value);
                break;
            case [(byte)'h', ..] when name.SequenceEqual("hash"u8):
                Hash = text;
                _hashAt = start..end;
                break;
            case [(byte)'k', (byte)'e', ..] when name.SequenceEqual("key"u8):
                Key = text;
                break;
            case [(byte)'k', (byte)'i', ..] when name.SequenceEqual("kind"u8):
                _kind = text;
                break;
            case [(byte)'n', ..] when name.SequenceEqual("nextKey"u8):
                NextKey = text;
                break;
            case [(byte)'p', ..] when name.SequenceEqual("previous"u8):
                Previous = text;
                break;
            case [(byte)'s', (byte)'e', ..] when name.SequenceEqual("sequence"u8):
                _number = Number(value);
                break;
            case [(byte)'s', (byte)'i', ..] when name.SequenceEqual("signature"u8):
                Signature = text;
                _signatureAt = start..end;
                break;
            case [(byte)'t', (byte)'o']:
                _to = Number(value);
                break;
            case [(byte)'v', (byte)'e', (byte)'r', (byte)'s', ..] when name.SequenceEqual("version"u8):
                _version = Number(value);
                break;
            default:
                break;
        }
    }

    // The line without a member: a comma goes with it. In a canonical line, one stands before it.
    private bool TryLeaveOut(ReadOnlySpan<byte> line, Range member)
    {
        int start = member.Start.Value;
        if (start < 2 || line[start - 1] != ',')
        {
            return false;
        }

        Before = line[..(start - 1)];
        Behind = line[member.End..];
        return true;
    }

    private static long Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out int read) && read == text.Length && number <= LedgerLimits.Number
            ? number
            : -1;

    private static bool IsHash(ReadOnlySpan<byte> text) => text.Length == 64;

    private static bool IsChain(ReadOnlySpan<byte> text) => text.Length is > 0 and <= LedgerLimits.Chain;
}
