using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Ocx.Mcp.JsonRpc;

/// <summary>How an id was written (JSON-RPC 2.0, 4).</summary>
public enum JsonRpcIdKind : byte
{
    /// <summary>No id: a notification.</summary>
    None,

    /// <summary><c>null</c>: an error that could not tell which request it answers.</summary>
    Null,

    /// <summary>A number; 1.0 is 1.</summary>
    Number,

    /// <summary>A string.</summary>
    String,
}

/// <summary>
/// An id as a value: its bytes where they fit, else 128 bits of their SHA-256, so that ids of any length pair without a
/// heap object.
/// </summary>
public readonly record struct JsonRpcId(JsonRpcIdKind Kind, UInt128 Value)
{
    private const int Inline = 15;

    // Of a long's digits with its sign, and of a number with a fraction that is looked at.
    private const int LongestWhole = 20;
    private const int LongestFraction = 64;
    private const int ShortestFraction = 3; // 1.0, 1e0

    // Beyond 2^53 a double does not hold each whole number.
    private const double LargestExact = 1L << 53;

    /// <summary>True for an id that a response can answer.</summary>
    public bool IsValue => Kind >= JsonRpcIdKind.Number;

    /// <summary>True for an id of more than 15 bytes, as ids that are to be the only ones anywhere are.</summary>
    internal bool IsLong => (byte)Value == byte.MaxValue;

    /// <summary>
    /// The same characters as a number for a string, and the other way round: some peers answer id 1 with "1". It is
    /// looked for only where the id as it is was not found.
    /// </summary>
    public JsonRpcId AsOtherKind =>
        this with
        {
            Kind = Kind == JsonRpcIdKind.Number ? JsonRpcIdKind.String : JsonRpcIdKind.Number,
        };

    /// <summary>The same for a number and for a string of its characters.</summary>
    internal JsonRpcId OfAnyKind => this with { Kind = JsonRpcIdKind.String };

    /// <summary>The id with these (unescaped) characters.</summary>
    public static JsonRpcId From(JsonRpcIdKind kind, scoped ReadOnlySpan<byte> text)
    {
        return kind == JsonRpcIdKind.Number && HasFraction(text) ? FromFraction(text) : FromText(kind, text);
    }

    private static JsonRpcId FromText(JsonRpcIdKind kind, scoped ReadOnlySpan<byte> text)
    {
        Span<byte> value = stackalloc byte[32];
        if (text.Length <= Inline)
        {
            value[0] = (byte)text.Length;
            text.CopyTo(value[1..]);
        }
        else
        {
            SHA256.HashData(text, value);
            value[0] = byte.MaxValue;
        }

        return new(kind, MemoryMarshal.Read<UInt128>(value));
    }

    /// <summary>True for an id that means this one: the same, or of the other kind.</summary>
    public bool Means(JsonRpcId other) => this == other || (IsValue && other.IsValue && this == other.AsOtherKind);

    /// <summary>The characters of an id that fits; empty for others.</summary>
    public override string ToString()
    {
        UInt128 value = Value;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in value));
        return bytes[0] <= Inline ? Encoding.UTF8.GetString(bytes.Slice(1, bytes[0])) : string.Empty;
    }

    // Most ids are a few digits: a look at each is quicker than a search.
    private static bool HasFraction(ReadOnlySpan<byte> text)
    {
        if (text.Length is < ShortestFraction or > LongestFraction)
        {
            return false;
        }

        foreach (byte digit in text)
        {
            if (digit is (byte)'.' or (byte)'e' or (byte)'E')
            {
                return true;
            }
        }

        return false;
    }

    // 1.0 and 1e0 are the number 1, which is how most peers read and write them.
    private static JsonRpcId FromFraction(ReadOnlySpan<byte> text)
    {
        Span<byte> whole = stackalloc byte[LongestWhole];
        return
            Utf8Parser.TryParse(text, out double number, out int used)
            && used == text.Length
            && Math.Abs(number) <= LargestExact
            && number == Math.Truncate(number)
            && Utf8Formatter.TryFormat((long)number, whole, out int length)
            ? FromText(JsonRpcIdKind.Number, whole[..length])
            : FromText(JsonRpcIdKind.Number, text);
    }
}
