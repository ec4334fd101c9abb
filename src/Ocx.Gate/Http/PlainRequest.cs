using System.Buffers;

namespace Ocx.Gate.Http;

/// <summary>
/// Is a request written so that every reader finds the same head and the same body in it? What RFC 9112 leaves to
/// readers, or asks them to forgive, is how one request is hidden from a gate inside of another (its section 11.2).
/// </summary>
internal static class PlainRequest
{
    // Of a chunk's size: more than any body that is held.
    private const int LongestSize = 8;

    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8
    );

    /// <summary>Looks at a whole request, or with <paramref name="headOnly"/> at the beginning of one.</summary>
    /// <param name="request">Head and body as they were sent.</param>
    /// <param name="headOnly">The body is not looked at, and not wanted in chunks.</param>
    public static bool IsPlain(ReadOnlySpan<byte> request, bool headOnly)
    {
        int end = request.IndexOf("\r\n\r\n"u8);
        if (end < 0 || !IsPlainHead(request[..(end + 2)], out bool isChunked))
        {
            return false;
        }

        return !isChunked || (!headOnly && AreChunks(request[(end + 4)..]));
    }

    private static bool IsPlainHead(ReadOnlySpan<byte> head, out bool isChunked)
    {
        isChunked = false;
        bool hasLength = false;
        bool isOld = head.IndexOf(" HTTP/1.0\r\n"u8) >= 0; // which has no chunks
        if (!TryLine(ref head, out ReadOnlySpan<byte> line) || line.Count((byte)' ') != 2 || !IsOfHttp1(line))
        {
            return false;
        }

        while (TryLine(ref head, out line))
        {
            int colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[..colon].ContainsAnyExcept(s_token))
            {
                return false;
            }

            ReadOnlySpan<byte> value = line[(colon + 1)..].Trim(" \t"u8);
            if (Is(line[..colon], "content-length"u8))
            {
                if (hasLength || value.Length is 0 or > 18 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
                {
                    return false;
                }

                hasLength = true;
            }
            else if (Is(line[..colon], "transfer-encoding"u8))
            {
                if (isChunked || isOld || !Is(value, "chunked"u8))
                {
                    return false;
                }

                isChunked = true;
            }
        }

        return head.IsEmpty && !(hasLength && isChunked);
    }

    private static bool IsOfHttp1(ReadOnlySpan<byte> line) =>
        line.EndsWith(" HTTP/1.1"u8) || line.EndsWith(" HTTP/1.0"u8);

    private static bool AreChunks(ReadOnlySpan<byte> body)
    {
        while (TryLine(ref body, out ReadOnlySpan<byte> line))
        {
            int end = line.IndexOf((byte)';');
            ReadOnlySpan<byte> digits = end < 0 ? line : line[..end];
            if (
                digits.Length is 0 or > LongestSize
                || !System.Buffers.Text.Utf8Parser.TryParse(digits, out uint size, out int used, 'x')
                || used != digits.Length
            )
            {
                return false;
            }

            if (size == 0)
            {
                return AreTrailers(body);
            }

            if (body.Length < size + 2L || !body[(int)size..].StartsWith("\r\n"u8))
            {
                return false;
            }

            body = body[((int)size + 2)..];
        }

        return false;
    }

    private static bool AreTrailers(ReadOnlySpan<byte> rest)
    {
        while (TryLine(ref rest, out ReadOnlySpan<byte> line))
        {
            if (line.IsEmpty)
            {
                return rest.IsEmpty;
            }

            int colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[..colon].ContainsAnyExcept(s_token))
            {
                return false;
            }
        }

        return false;
    }

    // A line ends with CR and LF, and has neither of them inside, nor a NUL.
    private static bool TryLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        int end = rest.IndexOf("\r\n"u8);
        line = end < 0 ? [] : rest[..end];
        if (end < 0 || line.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0)
        {
            return false;
        }

        rest = rest[(end + 2)..];
        return true;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) =>
        System.Text.Ascii.EqualsIgnoreCase(text, lower);
}
