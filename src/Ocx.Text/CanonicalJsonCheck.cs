using System.Text.Json;
using System.Text.Unicode;

namespace Ocx.Text;

/// <summary>Looks at each token of a text once, and says whether the text is canonical.</summary>
internal static class CanonicalJsonCheck
{
    private static readonly JsonReaderOptions s_reader = new() { MaxDepth = WireJson.MaxDepth };

    public enum Answer
    {
        No,
        Yes,

        /// <summary>A name has an escape, so that its order does not show in its bytes: write it anew and compare.</summary>
        Unknown,
    }

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static Answer Look(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            return Answer.No;
        }

        Span<Range> names = stackalloc Range[WireJson.MaxDepth + 1]; // the name before, at each depth
        var reader = new Utf8JsonReader(json, s_reader);
        long end = 0; // of the token before
        bool mayFollow = false; // a comma stands between this token and the one before
        bool escapedName = false;
        while (reader.Read())
        {
            JsonTokenType token = reader.TokenType;
            bool closes = token is JsonTokenType.EndObject or JsonTokenType.EndArray;
            if (reader.TokenStartIndex != end + (mayFollow && !closes ? 1 : 0))
            {
                return Answer.No; // a space
            }

            end = reader.BytesConsumed;
            mayFollow =
                token is not (JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.PropertyName);
            switch (token)
            {
                case JsonTokenType.StartObject:
                    names[reader.CurrentDepth + 1] = default;
                    break;
                case JsonTokenType.PropertyName:
                    int start = (int)reader.TokenStartIndex + 1;
                    if (end != start + reader.ValueSpan.Length + 2) // the quote and the colon
                    {
                        return Answer.No;
                    }

                    escapedName |= reader.ValueIsEscaped;
                    Range name = start..(start + reader.ValueSpan.Length);
                    ref Range before = ref names[reader.CurrentDepth];
                    if (
                        !escapedName
                        && !before.Equals(default)
                        && CanonicalJsonOrder.Compare(json[before], reader.ValueSpan) >= 0
                    )
                    {
                        return Answer.No;
                    }

                    before = name;
                    break;
                case JsonTokenType.String when reader.ValueIsEscaped && !HasFewestEscapes(reader.ValueSpan):
                case JsonTokenType.Number when !IsCanonicalNumber(reader.ValueSpan):
                    return Answer.No;
                default:
                    break;
            }
        }

        return end != json.Length ? Answer.No
            : escapedName ? Answer.Unknown
            : Answer.Yes;
    }

    private static bool HasFewestEscapes(ReadOnlySpan<byte> text)
    {
        for (int at = text.IndexOf((byte)'\\'); at >= 0; at = text.IndexOf((byte)'\\'))
        {
            byte kind = text[at + 1];
            if (kind == 'u')
            {
                // Only of a control character without a letter of its own: the JSON reader has seen four digits.
                ReadOnlySpan<byte> code = text.Slice(at + 2, 4);
                int low = "0123456789abcdef"u8.IndexOf(code[3]);
                if (!code.StartsWith("00"u8) || code[2] is not ((byte)'0' or (byte)'1') || low < 0)
                {
                    return false;
                }

                if (CanonicalJsonOutput.ShortEscape((byte)(((code[2] - '0') << 4) | low)) != 0)
                {
                    return false;
                }
            }
            else if (kind == '/')
            {
                return false;
            }

            text = text[(at + (kind == 'u' ? 6 : 2))..];
        }

        return true;
    }

    private static bool IsCanonicalNumber(ReadOnlySpan<byte> literal)
    {
        const int Exact = 15; // integers of that many digits are written as they are
        if (
            literal.Length <= Exact
            && !literal.ContainsAnyExceptInRange((byte)'0', (byte)'9') // and the reader refuses zeros before them
        )
        {
            return true;
        }

        Span<byte> written = stackalloc byte[CanonicalJsonNumber.MaxLength];
        return CanonicalJsonNumber.TryFormat(literal, written, out int length)
            && literal.SequenceEqual(written[..length]);
    }
}
