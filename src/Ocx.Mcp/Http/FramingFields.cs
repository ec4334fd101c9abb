using System.Buffers.Text;

namespace Ocx.Mcp.Http;

/// <summary>
/// The header fields that say where a body ends: Content-Length and Transfer-Encoding. Each may come in several lines,
/// which are one list (RFC 9110, 5.3), and only all of them together tell (RFC 9112, 6).
/// </summary>
internal static class FramingFields
{
    /// <summary>Takes one Content-Length line: a number, or the same number several times (RFC 9110, 8.6).</summary>
    public static void TakeLength(ReadOnlySpan<byte> value, HttpHead head)
    {
        // One line with one number is nearly every head's.
        if (
            head.ContentLength < 0
            && value is [>= (byte)'0' and <= (byte)'9', ..]
            && Utf8Parser.TryParse(value, out long only, out int used)
            && used == value.Length
        )
        {
            head.ContentLength = only;
            return;
        }

        foreach (Range part in value.Split((byte)','))
        {
            TakeOneLength(Trim(value[part]), head);
        }
    }

    /// <summary>
    /// Takes one Transfer-Encoding line. The last coding of the last line is the outermost, and must be chunked.
    /// </summary>
    public static void TakeTransferCodings(ReadOnlySpan<byte> value, HttpHead head)
    {
        foreach (Range part in value.Split((byte)','))
        {
            ReadOnlySpan<byte> coding = Trim(value[part]);
            if (coding.IsEmpty || Token.Is(coding, "identity"u8))
            {
                continue;
            }

            head.HasTransferCoding = true;
            head.Chunked = Token.Is(coding, "chunked"u8);
            if (!head.Chunked)
            {
                head.TransferCodings = head.TransferCodings.Add(ContentCodings.Named(coding));
            }
        }
    }

    /// <summary>
    /// All fields are known: a transfer coding overrides a length (RFC 9112, 6.3). False when the framing cannot be
    /// told: two lengths, or a request whose last coding is not chunked.
    /// </summary>
    public static bool TrySettle(HttpHead head, bool request)
    {
        if (!head.HasTransferCoding)
        {
            return !head.LengthIsFaulty;
        }

        (head.ContentLength, head.LengthFieldAt) = (-1, 0);
        // They are applied to what is coded already.
        head.Codings = head.Codings.Add(head.TransferCodings);

        return head.Chunked || !request;
    }

    private static void TakeOneLength(ReadOnlySpan<byte> text, HttpHead head)
    {
        bool number =
            Utf8Parser.TryParse(text, out long length, out int used)
            && used == text.Length
            && text[0] is >= (byte)'0' and <= (byte)'9';

        // Two lengths that differ are how requests are smuggled: do not choose one.
        head.LengthIsFaulty |= !number || (head.ContentLength >= 0 && head.ContentLength != length);
        head.ContentLength = number ? length : head.ContentLength;
    }

    // Blanks and tabs at both ends of a list's element (RFC 9110, 5.6.1).
    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value) => value.Trim(" \t"u8);
}
