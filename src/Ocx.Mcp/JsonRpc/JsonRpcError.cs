using System.Text.Json;

namespace Ocx.Mcp.JsonRpc;

/// <summary>Reads the error of a message or of a task.</summary>
internal static class JsonRpcError
{
    /// <summary>Reads the next value as an error. null is none.</summary>
    /// <param name="reader">Stands before the value.</param>
    /// <param name="json">The whole text.</param>
    /// <param name="isError">There is one.</param>
    /// <param name="text">Where it stands; empty for one that is no object.</param>
    /// <param name="code">Its code, or 0.</param>
    /// <returns>False when the text ends in the value.</returns>
    public static bool Read(
        ref JsonTokens reader,
        ReadOnlySpan<byte> json,
        out bool isError,
        out Range text,
        out int code
    )
    {
        (text, code) = (default, 0);
        int start = reader.NextStart;
        bool isObject = JsonValues.TryEnterObject(ref reader, out bool whole);
        isError = reader.TokenType is not (JsonTokenType.Null or JsonTokenType.PropertyName);
        if (!isObject)
        {
            return whole;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            bool isCode = JsonValues.Is(ref reader, "code"u8);
            whole = JsonValues.Skip(ref reader);
            if (isCode && whole && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value))
            {
                code = value;
            }
        }

        text = start..JsonValues.End(ref reader, json, whole);
        return whole;
    }
}
