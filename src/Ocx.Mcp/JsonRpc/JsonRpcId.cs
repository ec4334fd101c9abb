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

    /// <summary>A number, compared as written.</summary>
    Number,

    /// <summary>A string.</summary>
    String,
}

/// <summary>An id as a value: its bytes where they fit, else 128 bits of their SHA-256, so that ids of any length pair without a heap object.</summary>
public readonly record struct JsonRpcId(JsonRpcIdKind Kind, UInt128 Value)
{
    private const int Inline = 15;

    /// <summary>True for an id that a response can answer.</summary>
    public bool IsValue => Kind >= JsonRpcIdKind.Number;

    /// <summary>The id with these (unescaped) characters.</summary>
    public static JsonRpcId From(JsonRpcIdKind kind, ReadOnlySpan<byte> text)
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

    /// <summary>The characters of an id that fits; empty for others.</summary>
    public override string ToString()
    {
        UInt128 value = Value;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in value));
        return bytes[0] <= Inline ? Encoding.UTF8.GetString(bytes.Slice(1, bytes[0])) : string.Empty;
    }
}
