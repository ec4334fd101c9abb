using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ocx.Audit.Signals;

/// <summary>
/// The strings of a call's arguments, values and names alike, without their escapes. What is no JSON, or no more from
/// some place on, is one string from there.
/// </summary>
internal static class ArgumentStrings
{
    // As deep as there are bytes; the reader keeps one bit a level.
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = int.MaxValue, AllowMultipleValues = true };

    /// <summary>Adds them to the text.</summary>
    public static void AddTo(ref EncodedText text, ReadOnlySpan<byte> arguments)
    {
        var reader = new Utf8JsonReader(arguments, s_options);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    Add(ref text, reader.ValueSpan, reader.ValueIsEscaped);
                }
            }
        }
        catch (JsonException)
        {
            Add(ref text, arguments[(int)reader.BytesConsumed..], true);
        }
    }

    private static void Add(ref EncodedText text, ReadOnlySpan<byte> value, bool escaped)
    {
        if (!escaped)
        {
            text.Add(value);
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(value.Length);
        try
        {
            text.Add(buffer.AsSpan(0, Unescape(value, buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // An escape is never shorter than what it stands for: \uXXXX are six bytes, and what it names three at most.
    private static int Unescape(ReadOnlySpan<byte> value, Span<byte> to)
    {
        int length = 0;
        while (!value.IsEmpty)
        {
            int plain = value.IndexOf((byte)'\\');
            plain = plain < 0 ? value.Length : plain;
            value[..plain].CopyTo(to[length..]);
            length += plain;
            value = value[plain..];
            if (value.Length < 2)
            {
                value.CopyTo(to[length..]);
                return length + value.Length;
            }

            if (
                value[1] == 'u'
                && value.Length >= 6
                && ushort.TryParse(value[2..6], NumberStyles.AllowHexSpecifier, null, out ushort unit)
            )
            {
                // Of a pair each half becomes U+FFFD: it is counted, not shown.
                length += (Rune.TryCreate((char)unit, out Rune rune) ? rune : Rune.ReplacementChar).EncodeToUtf8(
                    to[length..]
                );
                value = value[6..];
                continue;
            }

            to[length++] = value[1] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                byte other => other,
            };
            value = value[2..];
        }

        return length;
    }
}
