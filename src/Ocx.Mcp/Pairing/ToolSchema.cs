using System.Text;
using System.Text.Json;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.Mcp.Pairing;

/// <summary>Reads what a tool's definition says of how it behaves, and which arguments its headers repeat.</summary>
internal static class ToolSchema
{
    private const int MostHeaders = 16;
    private const int DeepestPath = 8;
    private const int LongestName = 64;
    private const int LongestStep = 128;

    /// <summary>Reads the value of <c>annotations</c>.</summary>
    public static ToolAnnotations ReadAnnotations(ref JsonTokens reader)
    {
        var annotations = ToolAnnotations.None;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return annotations;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ToolAnnotations has =
                JsonValues.Is(ref reader, "readOnlyHint"u8) ? ToolAnnotations.HasReadOnly
                : JsonValues.Is(ref reader, "destructiveHint"u8) ? ToolAnnotations.HasDestructive
                : JsonValues.Is(ref reader, "idempotentHint"u8) ? ToolAnnotations.HasIdempotent
                : JsonValues.Is(ref reader, "openWorldHint"u8) ? ToolAnnotations.HasOpenWorld
                : ToolAnnotations.None;
            reader.Read();
            if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
            {
                // The last of a name counts; its value is the bit behind.
                annotations &= ~(ToolAnnotations)((int)has * 3);
                annotations |= has | (ToolAnnotations)(reader.TokenType == JsonTokenType.True ? (int)has << 1 : 0);
            }

            reader.Skip();
        }

        return annotations;
    }

    /// <summary>
    /// Reads the value of <c>inputSchema</c>: the properties with <c>x-mcp-header</c> that a chain of
    /// <c>properties</c> leads to. None when there are more, or longer ones, than are kept.
    /// </summary>
    public static List<HeaderArgument> ReadHeaders(ref JsonTokens reader)
    {
        List<HeaderArgument> headers = [];
        List<byte[]> path = [];
        return reader.Read() && ReadSchema(ref reader, path, headers) ? headers : [];
    }

    // The reader stands at the value's first token, and is left at its last.
    private static bool ReadSchema(ref JsonTokens reader, List<byte[]> path, List<HeaderArgument> headers)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return true;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isHeader = JsonValues.Is(ref reader, "x-mcp-header"u8),
                isProperties = JsonValues.Is(ref reader, "properties"u8);
            reader.Read();
            if (isProperties && reader.TokenType == JsonTokenType.StartObject)
            {
                if (!ReadProperties(ref reader, path, headers))
                {
                    return false;
                }
            }
            else if (isHeader && reader.TokenType == JsonTokenType.String && path.Count > 0)
            {
                if (headers.Count >= MostHeaders || reader.ValueSpan.Length is 0 or > LongestName)
                {
                    return false;
                }

                headers.Add(new(JsonEscapes.Decode(reader.ValueSpan), [.. path]));
            }
            else
            {
                reader.Skip();
            }
        }

        return true;
    }

    private static bool ReadProperties(ref JsonTokens reader, List<byte[]> path, List<HeaderArgument> headers)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool fits = path.Count < DeepestPath && reader.ValueSpan.Length <= LongestStep;
            byte[] step = fits ? Encoding.UTF8.GetBytes(JsonEscapes.Decode(reader.ValueSpan)) : [];
            reader.Read();
            if (!fits)
            {
                reader.Skip(); // what is so deep or so long is not looked at
                continue;
            }

            path.Add(step);
            if (!ReadSchema(ref reader, path, headers))
            {
                return false;
            }

            path.RemoveAt(path.Count - 1);
        }

        return true;
    }
}
