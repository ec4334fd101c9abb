using System.Buffers.Text;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.Http;

/// <summary>Reads a head (RFC 9112, 3 to 5), obsolete line folding included.</summary>
internal static class HttpHeadParser
{
    /// <summary>Fills <paramref name="head"/> from what begins with one.</summary>
    /// <param name="bytes">A head and what may follow it.</param>
    /// <param name="request">Of a request, or of a response.</param>
    /// <param name="head">What is filled.</param>
    /// <param name="strings">Where names are taken from.</param>
    /// <param name="length">The head's bytes, its empty line among them.</param>
    /// <returns>False when the bytes are no whole HTTP/1 head or its framing contradicts itself.</returns>
    public static bool TryParse(
        ReadOnlySpan<byte> bytes,
        bool request,
        HttpHead head,
        Utf8StringCache strings,
        out int length
    )
    {
        head.Reset();
        length = 0;
        var marks = new HeadMarks(bytes);
        int feed = marks.NextLineFeed();
        return feed < bytes.Length
            && TryParseStartLine(Line(bytes[..feed]), request, head, strings)
            && TryParseFields(bytes, feed + 1, ref marks, head, strings, out length)
            && FramingFields.TrySettle(head, request);
    }

    /// <summary>
    /// The length of the head that <paramref name="bytes"/> begin with, its empty line among it; -1 when that is still
    /// to come. It is known not to
    /// be among the first <paramref name="searched"/> bytes, so that a head in many pieces is not searched again with
    /// each.
    /// </summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes, int searched)
    {
        int from = Math.Max(0, searched - 2); // where the end of the line before may stand
        int lf = bytes[from..].IndexOf("\n\n"u8),
            crlf = bytes[from..].IndexOf("\n\r\n"u8);
        return crlf >= 0 && (lf < 0 || crlf < lf) ? from + crlf + 3
            : lf >= 0 ? from + lf + 2
            : -1;
    }

    // The line feed is cut already.
    private static ReadOnlySpan<byte> Line(ReadOnlySpan<byte> line) => line is [.., (byte)'\r'] ? line[..^1] : line;

    private static bool TryParseStartLine(ReadOnlySpan<byte> line, bool request, HttpHead head, Utf8StringCache strings)
    {
        if (request)
        {
            int first = line.IndexOf((byte)' '),
                last = line.LastIndexOf((byte)' ');
            if (first <= 0 || last <= first || !line[(last + 1)..].StartsWith("HTTP/1."u8))
            {
                return false;
            }

            head.Method = strings.Get(line[..first], Longest.HttpMethod);
            head.Target = strings.Get(line[(first + 1)..last], Longest.HttpTarget);
            head.IsHttp10 = line[^1] == (byte)'0';
            return true;
        }

        if (
            line.Length < 12
            || !line.StartsWith("HTTP/1."u8)
            || !Utf8Parser.TryParse(line.Slice(9, 3), out int status, out int used)
            || used != 3
        )
        {
            return false;
        }

        head.Status = status;
        head.IsHttp10 = line[7] == (byte)'0';
        return status is >= 100 and < 600;
    }

    private static bool TryParseFields(
        ReadOnlySpan<byte> bytes,
        int start,
        scoped ref HeadMarks marks,
        HttpHead head,
        Utf8StringCache strings,
        out int length
    )
    {
        length = 0;
        while (true)
        {
            int colon = marks.Next();
            if (colon == bytes.Length || bytes[colon] == '\n')
            {
                length = Math.Min(colon + 1, bytes.Length);
                return colon < bytes.Length && Line(bytes[start..colon]).IsEmpty;
            }

            int feed = marks.NextLineFeed();
            bool folded = false;
            while (feed + 1 < bytes.Length && bytes[feed + 1] is (byte)' ' or (byte)'\t')
            {
                folded = true;
                feed = marks.NextLineFeed();
            }

            ReadOnlySpan<byte> name = bytes[start..colon];
            if (name.IsEmpty || feed == bytes.Length)
            {
                return false;
            }

            ReadOnlySpan<byte> value = bytes[(colon + 1)..feed];
            if (HeaderParameters.IsOne(name))
            {
                (head.Parameters ??= new()).Add(name, Trim(folded ? Unfold(value) : Line(value)), strings);
            }
            else if (
                MayMatter(name) && !TryTake(bytes, name, Trim(folded ? Unfold(value) : Line(value)), head, strings)
            )
            {
                return false;
            }

            start = feed + 1;
        }
    }

    private static byte[] Unfold(ReadOnlySpan<byte> value)
    {
        var unfolded = new List<byte>(value.Length);
        foreach (Range line in value.Split((byte)'\n'))
        {
            unfolded.AddRange(Trim(Line(value[line])));
            unfolded.Add((byte)' ');
        }

        return [.. unfolded[..^1]];
    }

    // The platform's Trim of several bytes searches them for each byte, which cost more than all else about a field.
    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value)
    {
        (int from, int to) = (0, value.Length);
        while (from < to && value[from] is (byte)' ' or (byte)'\t')
        {
            from++;
        }

        while (to > from && value[to - 1] is (byte)' ' or (byte)'\t')
        {
            to--;
        }

        return value[from..to];
    }

    // By its first letter and its length; most fields of most messages do not, and are not looked at any closer.
    private static bool MayMatter(ReadOnlySpan<byte> name) =>
        (name.Length, name[0] | 0x20)
            is
                (14 or 12 or 16, 'c')
                or
                (17 or 11 or 10, 't')
                or
                (14 or 20 or 10 or 8, 'm')
                or
                (6, 'e')
                // What SecurityFields takes.
                or
                (4, 'h')
                or
                (6, 'o' or 'c')
                or
                (7 or 13, 'a')
                or
                (13, 'l')
                or
                (9 or 12 or 14, 'x');

    private static bool TryTake(
        ReadOnlySpan<byte> bytes,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> value,
        HttpHead head,
        Utf8StringCache strings
    )
    {
        switch (name.Length)
        {
            case 14 when Token.Is(name, "content-length"u8):
                bool isOnly = head.ContentLength < 0 && !head.LengthIsFaulty;
                FramingFields.TakeLength(value, head);
                head.LengthFieldAt = isOnly && bytes.Overlaps(value, out int at) ? at : 0;
                return true;
            case 17 when Token.Is(name, "transfer-encoding"u8):
                FramingFields.TakeTransferCodings(value, head);
                return true;
            case 12 when Token.Is(name, "content-type"u8):
                head.Content =
                    value.Length >= 17 && Token.Is(value[..17], "text/event-stream"u8) ? ContentKind.EventStream
                    : value.IndexOf("json"u8) >= 0 ? ContentKind.Json
                    : ContentKind.Other;
                return true;
            case 16 when Token.Is(name, "content-encoding"u8):
                head.Codings = head.Codings.AddLine(value);
                return true;
            case 6 when Token.Is(name, "expect"u8):
                head.ExpectsContinue = Token.Is(value, "100-continue"u8);
                return true;
            case 14 when Token.Is(name, "mcp-session-id"u8):
                head.SessionId = strings.Get(value, Longest.SessionId);
                return true;
            case 20 when Token.Is(name, "mcp-protocol-version"u8):
                head.ProtocolVersion = strings.Get(value, Longest.ProtocolVersion);
                return true;
            case 10 when Token.Is(name, "mcp-method"u8):
                head.McpMethod = strings.Get(value, Longest.Method);
                return true;
            case 8 when Token.Is(name, "mcp-name"u8):
                head.McpName = EncodedValue.Decode(value, strings, Longest.Name);
                return true;
            case 13 when Token.Is(name, "last-event-id"u8):
                head.Resumes = true;
                return true;
            case 11 when Token.Is(name, "traceparent"u8):
                head.TraceParent = TraceParent.Parse(value);
                return true;
            case 10 when Token.Is(name, "tracestate"u8):
                head.TraceState =
                    value.Length <= TraceParent.LongestState
                        ? strings.Get(value, TraceParent.LongestState)
                        : string.Empty;
                return true;
            default:
                SecurityFields.Take(name, value, head, strings);
                return true;
        }
    }
}
