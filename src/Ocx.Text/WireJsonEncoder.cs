using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Ocx.Text;

/// <summary>
/// Escapes what JSON must escape (RFC 8259, 7) and every character that is not plain; leaves other letters readable,
/// since the output is a line in a log or a pipe and never part of a web page.
/// </summary>
internal sealed class WireJsonEncoder : JavaScriptEncoder
{
    private const int LongestEscape = 12; // two units of \uXXXX

    // Space to tilde without the quote and the backslash.
    private static readonly SearchValues<byte> s_plainBytes = SearchValues.Create([
        .. PlainAscii().Select(c => (byte)c),
    ]);
    private static readonly SearchValues<char> s_plainChars = SearchValues.Create([.. PlainAscii()]);

    private WireJsonEncoder() { }

    public static WireJsonEncoder Instance { get; } = new();

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => LongestEscape;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) =>
        unicodeScalar is '"' or '\\' || !Rune.IsValid(unicodeScalar) || !WireText.IsPlain(new Rune(unicodeScalar));

    /// <inheritdoc/>
    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text)
    {
        int at = utf8Text.IndexOfAnyExcept(s_plainBytes);
        while (at >= 0 && at < utf8Text.Length)
        {
            if (
                Rune.DecodeFromUtf8(utf8Text[at..], out Rune rune, out int length) != OperationStatus.Done
                || WillEncode(rune.Value)
            )
            {
                return at;
            }

            at += length;
        }

        return -1;
    }

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        int at = span.IndexOfAnyExcept(s_plainChars);
        while (at >= 0 && at < span.Length)
        {
            if (
                Rune.DecodeFromUtf16(span[at..], out Rune rune, out int length) != OperationStatus.Done
                || WillEncode(rune.Value)
            )
            {
                return at;
            }

            at += length;
        }

        return -1;
    }

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(
        int unicodeScalar,
        char* buffer,
        int bufferLength,
        out int numberOfCharactersWritten
    )
    {
        Span<char> escape = stackalloc char[LongestEscape];
        int length = Escape(unicodeScalar, escape);
        numberOfCharactersWritten = length <= bufferLength ? length : 0;
        return escape[..length].TryCopyTo(new Span<char>(buffer, bufferLength));
    }

    private static int Escape(int scalar, Span<char> to)
    {
        char known = scalar switch
        {
            '"' => '"',
            '\\' => '\\',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\b' => 'b',
            '\f' => 'f',
            _ => '\0',
        };
        if (known != '\0')
        {
            (to[0], to[1]) = ('\\', known);
            return 2;
        }

        Span<char> units = stackalloc char[2];
        int count = new Rune(scalar).EncodeToUtf16(units);
        for (int i = 0; i < count; i++)
        {
            "\\u".CopyTo(to[(i * 6)..]);
            ((int)units[i]).TryFormat(to.Slice((i * 6) + 2, 4), out _, "x4");
        }

        return count * 6;
    }

    private static IEnumerable<char> PlainAscii() =>
        Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code).Where(c => c is not ('"' or '\\'));
}
