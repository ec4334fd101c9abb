using System.Buffers.Text;
using System.Text;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Http;

/// <summary>Reads a complete head (RFC 9112, 3 to 5), obsolete line folding included.</summary>
internal static class HttpHeadParser
{
    /// <summary>Fills <paramref name="head"/>; false when the bytes are no HTTP/1 head or its framing contradicts itself.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, bool request, HttpHead head, Utf8StringCache strings)
    {
        head.Reset();
        return TryParseStartLine(NextLine(ref bytes), request, head, strings) && TryParseFields(bytes, head, strings);
    }

    private static ReadOnlySpan<byte> NextLine(scoped ref ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? bytes : bytes[..end];
        bytes = end < 0 ? [] : bytes[(end + 1)..];
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }

    private static bool TryParseStartLine(ReadOnlySpan<byte> line, bool request, HttpHead head, Utf8StringCache strings)
    {
        if (request)
        {
            int first = line.IndexOf((byte)' '), last = line.LastIndexOf((byte)' ');
            if (first <= 0 || last <= first || !line[(last + 1)..].StartsWith("HTTP/1."u8))
            {
                return false;
            }

            head.Method = strings.Get(line[..first]);
            head.Target = strings.Get(line[(first + 1)..last]);
            head.IsHttp10 = line[^1] == (byte)'0';
            return true;
        }

        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(line.Slice(9, 3), out int status, out int used) || used != 3)
        {
            return false;
        }

        head.Status = status;
        head.IsHttp10 = line[7] == (byte)'0';
        return status is >= 100 and < 600;
    }

    private static bool TryParseFields(ReadOnlySpan<byte> bytes, HttpHead head, Utf8StringCache strings)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> line = NextLine(ref bytes);
            if (line.IsEmpty)
            {
                continue;
            }

            if (bytes is [(byte)' ' or (byte)'\t', ..])
            {
                line = Unfold(line, ref bytes);
            }

            int colon = line.IndexOf((byte)':');
            if (colon <= 0 || (MayMatter(line[..colon]) && !TryTake(line[..colon], line[(colon + 1)..].Trim(" \t"u8), head, strings)))
            {
                return false;
            }
        }

        return true;
    }

    private static byte[] Unfold(ReadOnlySpan<byte> line, scoped ref ReadOnlySpan<byte> bytes)
    {
        var unfolded = new List<byte>(line.ToArray());
        while (bytes is [(byte)' ' or (byte)'\t', ..])
        {
            unfolded.Add((byte)' ');
            unfolded.AddRange(NextLine(ref bytes).Trim(" \t"u8));
        }

        return [.. unfolded];
    }

    // By its first letter and its length; most fields of most messages do not, and are not looked at any closer.
    private static bool MayMatter(ReadOnlySpan<byte> name) => (name.Length, name[0] | 0x20) is
        (14 or 12 or 16, 'c') or (17 or 11 or 10, 't') or (14 or 20 or 10 or 8, 'm')
        // What SecurityFields takes.
        or (4, 'h') or (6, 'o' or 'c') or (7 or 13, 'a') or (9 or 12 or 14, 'x');

    private static bool TryTake(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, HttpHead head, Utf8StringCache strings)
    {
        switch (name.Length)
        {
            case 14 when Is(name, "content-length"u8):
                // Two lengths that differ are how requests are smuggled (RFC 9112, 6.3): do not choose one.
                bool number = Utf8Parser.TryParse(value, out long length, out int used) && used == value.Length && length >= 0;
                bool agrees = head.ContentLength < 0 || head.ContentLength == length;
                head.ContentLength = length;
                return number && agrees;
            case 17 when Is(name, "transfer-encoding"u8):
                head.Chunked = value.Length >= 7 && Is(value[^7..], "chunked"u8);
                return true;
            case 12 when Is(name, "content-type"u8):
                head.Content = value.Length >= 17 && Is(value[..17], "text/event-stream"u8) ? ContentKind.EventStream
                    : value.IndexOf("json"u8) >= 0 ? ContentKind.Json : ContentKind.Other;
                return true;
            case 16 when Is(name, "content-encoding"u8):
                head.Coding = Coding(value);
                return true;
            case 14 when Is(name, "mcp-session-id"u8):
                head.SessionId = strings.Get(value);
                return true;
            case 20 when Is(name, "mcp-protocol-version"u8):
                head.ProtocolVersion = strings.Get(value);
                return true;
            case 10 when Is(name, "mcp-method"u8):
                head.McpMethod = strings.Get(value);
                return true;
            case 8 when Is(name, "mcp-name"u8):
                head.McpName = DecodeName(value, strings);
                return true;
            case 11 when Is(name, "traceparent"u8):
                head.TraceParent = TraceParent.Parse(value);
                return true;
            case 10 when Is(name, "tracestate"u8):
                head.TraceState = value.Length <= TraceParent.LongestState ? strings.Get(value) : string.Empty;
                return true;
            default:
                SecurityFields.Take(name, value, head, strings);
                return true;
        }
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower) => Ascii.EqualsIgnoreCase(name, lower);

    private static ContentCoding Coding(ReadOnlySpan<byte> value) =>
        value.IsEmpty || Is(value, "identity"u8) ? ContentCoding.Identity
        : Is(value, "gzip"u8) || Is(value, "x-gzip"u8) ? ContentCoding.Gzip
        : Is(value, "deflate"u8) ? ContentCoding.Deflate
        : Is(value, "br"u8) ? ContentCoding.Brotli
        : Is(value, "zstd"u8) ? ContentCoding.Zstd
        : ContentCoding.Unknown;

    // Names outside of visible ASCII travel as =?base64?…?= (MCP 2026-07-28, Streamable HTTP, "Value Encoding").
    private static string DecodeName(ReadOnlySpan<byte> value, Utf8StringCache strings)
    {
        if (!value.StartsWith("=?base64?"u8) || !value.EndsWith("?="u8) || value.Length < 11)
        {
            return strings.Get(value);
        }

        byte[] decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(value.Length)];
        return Base64.DecodeFromUtf8(value[9..^2], decoded, out _, out int written) == System.Buffers.OperationStatus.Done
            ? strings.Get(decoded.AsSpan(0, written))
            : strings.Get(value);
    }
}
