using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>A call's arguments as a record has them: JSON text of bounded length, each character of it plain.</summary>
internal static class LedgerArguments
{
    /// <summary>
    /// The arguments' JSON text; when that is too long, the text of a JSON string that holds its beginning.
    /// </summary>
    /// <param name="json">As <see cref="Intents.Intent.Arguments"/> has them.</param>
    public static (string Text, bool Whole) Cut(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            return (string.Empty, true);
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, WireJson.WriterOptions);
        WireJson.WriteValue(writer, json);
        string text = Flushed(writer, buffer);
        if (text.Length <= LedgerLimits.Arguments)
        {
            return (text, true);
        }

        string content = text[0] == '"' ? WireJson.ReadText(buffer.WrittenSpan) : text;
        int end = Math.Min(LedgerLimits.Arguments, content.Length);
        end -= char.IsHighSurrogate(content[end - 1]) ? 1 : 0;
        buffer.Clear();
        writer.Reset();
        writer.WriteStringValue(content.AsSpan(0, end));
        return (Flushed(writer, buffer), false);
    }

    private static string Flushed(Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer)
    {
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
