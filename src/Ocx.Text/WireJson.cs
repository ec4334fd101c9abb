using System.Text;
using System.Text.Json;

namespace Ocx.Text;

/// <summary>
/// The one way out for JSON that others wrote: every token is read and written anew by a JSON writer, on one line, with
/// an escape (<c>\u202e</c>) for each character that <see cref="WireText.IsPlain"/> does not let through. What is no
/// Unicode text (broken UTF-8, half a surrogate pair) becomes U+FFFD, so that every reader can read it.
/// </summary>
public static class WireJson
{
    /// <summary>The deepest nesting that is copied; a value deeper than that is replaced.</summary>
    public const int MaxDepth = 512;

    private const string Unreadable = "[unreadable]";

    private static readonly JsonReaderOptions s_reader = new() { MaxDepth = MaxDepth };

    /// <summary>How a <see cref="Utf8JsonWriter"/> writes text of others: on one line, escaped.</summary>
    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = WireJsonEncoder.Instance, MaxDepth = MaxDepth + 16 };

    /// <summary>
    /// Writes one JSON value, token by token. A text that is no JSON is written as <c>"[unreadable]"</c>.
    /// </summary>
    /// <param name="to">Where the value goes; made with <see cref="WriterOptions"/>.</param>
    /// <param name="json">The value's text, of any provenance.</param>
    public static void WriteValue(Utf8JsonWriter to, ReadOnlySpan<byte> json)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (!IsOneValue(json))
        {
            to.WriteStringValue(Unreadable);
            return;
        }

        byte[] scratch = [];
        var reader = new Utf8JsonReader(json, s_reader);
        while (reader.Read())
        {
            WriteToken(to, ref reader, ref scratch);
        }
    }

    /// <summary>
    /// The text of a JSON string or of a member's name, without its escapes and with U+FFFD for what is no Unicode.
    /// </summary>
    /// <param name="reader">Stands at the string or the name.</param>
    public static string ReadText(ref Utf8JsonReader reader)
    {
        byte[] scratch = [];
        return Text(ref reader, ref scratch).ToString();
    }

    /// <summary>The same of the JSON text of one string, its quotes included.</summary>
    /// <exception cref="FormatException">It is no JSON string.</exception>
    public static string ReadText(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, s_reader);
            if (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                return ReadText(ref reader);
            }
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new FormatException("no JSON string");
    }

    // Looked at first: what was written cannot be taken back.
    private static bool IsOneValue(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, s_reader);
            bool any = false;
            while (reader.Read())
            {
                any = true;
            }

            return any;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void WriteToken(Utf8JsonWriter to, ref Utf8JsonReader reader, ref byte[] scratch)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                to.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                to.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                to.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                to.WriteEndArray();
                break;
            case JsonTokenType.PropertyName:
                to.WritePropertyName(Text(ref reader, ref scratch));
                break;
            case JsonTokenType.String:
                to.WriteStringValue(Text(ref reader, ref scratch));
                break;
            default:
                // A number, true, false or null, as it was written: all of it is plain ASCII, and a double would not
                // hold each number.
                to.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }

    // The string without its escapes. Broken UTF-8 and half surrogate pairs become U+FFFD.
    private static ReadOnlySpan<char> Text(ref Utf8JsonReader reader, ref byte[] scratch)
    {
        if (!reader.ValueIsEscaped)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }

        scratch = scratch.Length >= reader.ValueSpan.Length ? scratch : new byte[reader.ValueSpan.Length];
        try
        {
            int length = reader.CopyString(scratch);
            return Encoding.UTF8.GetString(scratch.AsSpan(0, length));
        }
        catch (InvalidOperationException)
        {
            return JsonEscapes.Decode(reader.ValueSpan);
        }
    }
}
