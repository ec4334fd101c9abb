using System.Text;
using System.Text.Json;
using Ocx.Mcp.JsonRpc;

namespace Ocx.Fuzz;

/// <summary>Whether this project's reader of JSON and the platform's find the same in a text.</summary>
public static class TokenAgreement
{
    /// <summary>The first token that they do not agree on, in words; null when they agree to the end.</summary>
    public static string? Difference(ReadOnlySpan<byte> json, bool mayEnd)
    {
        var expected = new Utf8JsonReader(
            json,
            isFinalBlock: !mayEnd,
            new JsonReaderState(new() { MaxDepth = JsonTokens.MaxDepth })
        );
        var found = new JsonTokens(json, mayEnd);
        while (true)
        {
            string wanted = Next(ref expected),
                told = Next(ref found);
            if (wanted != told)
            {
                return $"{wanted} is read as {told} in {Encoding.Latin1.GetString(json)}";
            }

            if (wanted is "end" or "malformed")
            {
                return null;
            }
        }
    }

    private static string Next(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.Read()
                ? Told(
                    reader.TokenType,
                    reader.ValueSpan,
                    reader.ValueIsEscaped,
                    reader.CurrentDepth,
                    reader.TokenStartIndex,
                    reader.BytesConsumed
                )
                : "end";
        }
        catch (JsonException)
        {
            return "malformed";
        }
    }

    private static string Next(ref JsonTokens reader) =>
        reader.Read()
            ? Told(
                reader.TokenType,
                reader.ValueSpan,
                reader.ValueIsEscaped,
                reader.CurrentDepth,
                reader.TokenStartIndex,
                reader.BytesConsumed
            )
        : reader.IsMalformed ? "malformed"
        : "end";

    private static string Told(
        JsonTokenType type,
        ReadOnlySpan<byte> value,
        bool escaped,
        int depth,
        long start,
        long end
    ) => $"{type} {Encoding.Latin1.GetString(value)} {(escaped ? "with escapes " : "")}at {depth}, {start} to {end}";
}
