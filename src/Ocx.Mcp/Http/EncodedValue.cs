using System.Buffers;
using System.Buffers.Text;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Http;

/// <summary>Values of header fields that repeat a part of the body (MCP 2026-07-28, "Value Encoding").</summary>
internal static class EncodedValue
{
    private static ReadOnlySpan<byte> Begins => "=?base64?"u8;

    private static ReadOnlySpan<byte> Ends => "?="u8;

    /// <summary>
    /// The value as the body has it: what is not visible ASCII travels as <c>=?base64?…?=</c>. As it is written where
    /// that is no base64.
    /// </summary>
    public static string Decode(ReadOnlySpan<byte> value, Utf8StringCache strings, int longest)
    {
        if (!value.StartsWith(Begins) || !value.EndsWith(Ends) || value.Length < Begins.Length + Ends.Length)
        {
            return strings.Get(value, longest);
        }

        byte[] decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(value.Length)];
        return
            Base64.DecodeFromUtf8(value[Begins.Length..^Ends.Length], decoded, out _, out int written)
            == OperationStatus.Done
            ? strings.Get(decoded.AsSpan(0, written), longest)
            : strings.Get(value, longest);
    }
}
