using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Ocx.Text;

/// <summary>
/// JSON for an API server that reads it as YAML, as it does with what is applied. The two differ in one thing: YAML
/// knows no escape for half a character, and .NET writes each character beyond U+FFFF as two of them. A tool that is
/// named by an emoji would make its report, and the status of its tap, unwritable.
/// </summary>
public static class YamlJson
{
    private const int EscapeLength = 6;

    /// <summary>The same JSON, where each pair of such escapes is the character itself.</summary>
    /// <param name="json">Well-formed JSON.</param>
    /// <returns>Well-formed JSON, and YAML.</returns>
    public static byte[] Of(ReadOnlySpan<byte> json)
    {
        var result = new ArrayBufferWriter<byte>(json.Length + 1);
        while (json.IndexOf((byte)'\\') is var at && at >= 0 && at + 1 < json.Length)
        {
            result.Write(json[..at]);
            json = json[at..];
            var taken = 2;
            if (
                Unit(json) is { } high
                && char.IsHighSurrogate(high)
                && Unit(json[EscapeLength..]) is { } low
                && Rune.TryCreate(high, low, out Rune rune)
            )
            {
                result.Advance(rune.EncodeToUtf8(result.GetSpan(4)));
                taken = 2 * EscapeLength;
            }
            else
            {
                result.Write(json[..taken]);
            }

            json = json[taken..];
        }

        result.Write(json);
        return result.WrittenSpan.ToArray();
    }

    // What \u0041 at the start stands for.
    private static char? Unit(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeLength
        && json[0] == '\\'
        && json[1] == 'u'
        && Utf8Parser.TryParse(json[2..EscapeLength], out ushort unit, out int digits, 'x')
        && digits == EscapeLength - 2
            ? (char)unit
            : null;
}
