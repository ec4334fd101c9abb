using System.Buffers.Text;
using System.Text.Json;

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

    private static readonly JsonReaderOptions s_reader = new() { MaxDepth = Depth };

    public LedgerLineKind Kind;
    public ReadOnlySpan<byte> Chain;
    public ReadOnlySpan<byte> Hash;
    public ReadOnlySpan<byte> Previous;
    public ReadOnlySpan<byte> Key;
    public ReadOnlySpan<byte> NextKey;
    public ReadOnlySpan<byte> Signature;
    public ReadOnlySpan<byte> Time;

    /// <summary>A record's number, or that of the record a head speaks of; of a stub the last it stands for.</summary>
    public long Sequence;

    /// <summary>The first record that a stub stands for.</summary>
    public long From;

    /// <summary>How many records a stub stands for.</summary>
    public long Count;

    /// <summary>The line's parts before and behind the hash or the signature: what that is made of.</summary>
    public ReadOnlySpan<byte> Before;
    public ReadOnlySpan<byte> Behind;

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
        var json = new Utf8JsonReader(line, s_reader);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        ReadOnlySpan<byte> kind = default;
        Cut hash = default,
            signature = default;
        long to = -1,
            sequence = -1,
            version = -1;
        From = Count = -1;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = json.ValueSpan;
            int start = (int)json.TokenStartIndex;
            json.Read();
            bool isText = json.TokenType == JsonTokenType.String && !json.ValueIsEscaped;
            bool isNumber = json.TokenType == JsonTokenType.Number;
            ReadOnlySpan<byte> value = json.ValueSpan;
            json.Skip(); // over an object or array
            switch (name)
            {
                case [(byte)'c', (byte)'h', ..] when name.SequenceEqual("chain"u8) && isText:
                    Chain = value;
                    break;
                case [(byte)'c', (byte)'o', ..] when name.SequenceEqual("count"u8) && isNumber:
                    Count = Number(value);
                    break;
                case [(byte)'f', ..] when name.SequenceEqual("from"u8) && isNumber:
                    From = Number(value);
                    break;
                case [(byte)'h', ..] when name.SequenceEqual("hash"u8) && isText:
                    Hash = value;
                    hash = new Cut(start, (int)json.BytesConsumed);
                    break;
                case [(byte)'k', (byte)'e', ..] when name.SequenceEqual("key"u8) && isText:
                    Key = value;
                    break;
                case [(byte)'k', (byte)'i', ..] when name.SequenceEqual("kind"u8) && isText:
                    kind = value;
                    break;
                case [(byte)'n', ..] when name.SequenceEqual("nextKey"u8) && isText:
                    NextKey = value;
                    break;
                case [(byte)'p', ..] when name.SequenceEqual("previous"u8) && isText:
                    Previous = value;
                    break;
                case [(byte)'s', (byte)'e', ..] when name.SequenceEqual("sequence"u8) && isNumber:
                    sequence = Number(value);
                    break;
                case [(byte)'s', (byte)'i', ..] when name.SequenceEqual("signature"u8) && isText:
                    Signature = value;
                    signature = new Cut(start, (int)json.BytesConsumed);
                    break;
                case [(byte)'t', (byte)'i', ..] when name.SequenceEqual("time"u8) && isText:
                    Time = value;
                    break;
                case [(byte)'t', (byte)'o'] when isNumber:
                    to = Number(value);
                    break;
                case [(byte)'v', ..] when name.SequenceEqual("version"u8) && isNumber:
                    version = Number(value);
                    break;
                default:
                    break;
            }
        }

        if (json.Read() || version != LedgerRecordWriter.Version || !IsHash(Hash) || !IsChain(Chain))
        {
            return false;
        }

        switch (kind)
        {
            case [(byte)'r', ..] when kind.SequenceEqual("record"u8):
                (Kind, Sequence) = (LedgerLineKind.Record, sequence);
                return TryLeaveOut(line, hash) && IsHash(Previous) && sequence > 0;
            case [(byte)'h', ..] when kind.SequenceEqual("head"u8):
                (Kind, Sequence) = (LedgerLineKind.Head, sequence);
                return TryLeaveOut(line, signature) && Key.Length > 0 && sequence >= 0;
            case [(byte)'s', ..] when kind.SequenceEqual("stub"u8):
                (Kind, Sequence) = (LedgerLineKind.Stub, to);
                return TryLeaveOut(line, signature)
                    && Key.Length > 0
                    && From > 0
                    && to >= From
                    && Count == to - From + 1;
            default:
                return false;
        }
    }

    // The line without a member: a comma goes with it. In a canonical line, one stands before it.
    private bool TryLeaveOut(ReadOnlySpan<byte> line, Cut member)
    {
        if (member.Start < 2 || line[member.Start - 1] != ',')
        {
            return false;
        }

        Before = line[..(member.Start - 1)];
        Behind = line[member.End..];
        return true;
    }

    private static long Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out int read) && read == text.Length && number <= LedgerLimits.Number
            ? number
            : -1;

    private static bool IsHash(ReadOnlySpan<byte> text) => text.Length == 64;

    private static bool IsChain(ReadOnlySpan<byte> text) => text.Length is > 0 and <= LedgerLimits.Chain;

    private readonly record struct Cut(int Start, int End);
}
