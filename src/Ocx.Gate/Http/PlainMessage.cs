using System.Text.Json;

namespace Ocx.Gate.Http;

/// <summary>
/// Does every reader of JSON find the same JSON-RPC message in a body? Some take the first of two members with one name
/// and some the last, some do not mind the case of names (Go's encoding/json), and some read UTF-16 (Python's
/// json.loads): a gate that reads it in one way only could be told another call than the server.
/// </summary>
internal static class PlainMessage
{
    private static readonly string[] s_ofMessage = ["jsonrpc", "id", "method", "params", "result", "error"];
    private static readonly string[] s_ofParams = ["name", "uri", "ref", "arguments", "_meta", "task"];

    // name, uri and ref: each method has one of them, by which it is known what is called.
    private const int Subjects = 0b111;

    /// <summary>False for what readers may read in different ways. What is no JSON at all is no message.</summary>
    /// <param name="body">The whole body, not coded.</param>
    /// <param name="mayHold">Which methods' calls may be held.</param>
    /// <param name="calls">How many of its messages have such a method, whatever else they are.</param>
    public static bool IsPlain(ReadOnlySpan<byte> body, Func<string, bool> mayHold, out int calls)
    {
        calls = 0;
        if (MayBeWide(body))
        {
            return false;
        }

        ReadOnlySpan<byte> text = WithoutMark(body);
        return !MayBeJson(text) || IsPlainJson(text, mayHold, ref calls);
    }

    /// <summary>Is it text of more than one byte a character, as far as its beginning shows?</summary>
    public static bool MayBeWide(ReadOnlySpan<byte> body) =>
        body[..Math.Min(body.Length, 4)].Contains((byte)0)
        || body.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
        || body.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]);

    /// <summary>Could it be an object or an array?</summary>
    public static bool MayBeJson(ReadOnlySpan<byte> body) =>
        body.TrimStart("\uFEFF \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> body) =>
        body.StartsWith("\uFEFF"u8) ? body[3..] : body;

    private static bool IsPlainJson(ReadOnlySpan<byte> text, Func<string, bool> mayHold, ref int calls)
    {
        var reader = new Utf8JsonReader(text);
        int seenOfMessage = 0,
            seenOfParams = 0,
            messageDepth = 1;
        bool inParams = false;
        try
        {
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.StartArray, CurrentDepth: 0 })
                {
                    messageDepth = 2;
                }
                else if (reader.TokenType == JsonTokenType.StartObject && reader.CurrentDepth == messageDepth - 1)
                {
                    (seenOfMessage, inParams) = (0, false);
                }
                else if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.CurrentDepth == messageDepth)
                    {
                        inParams = reader.ValueTextEquals("params"u8);
                        bool isMethod = reader.ValueTextEquals("method"u8);
                        seenOfParams = 0;
                        if (!IsNew(ref reader, s_ofMessage, ref seenOfMessage))
                        {
                            return false;
                        }

                        if (isMethod && reader.Read() && reader.TokenType == JsonTokenType.String)
                        {
                            calls += mayHold(reader.GetString()!) ? 1 : 0;
                        }
                    }
                    else if (inParams && reader.CurrentDepth == messageDepth + 1)
                    {
                        if (
                            !IsNew(ref reader, s_ofParams, ref seenOfParams)
                            || int.PopCount(seenOfParams & Subjects) > 1
                        )
                        {
                            return false;
                        }
                    }
                }
            }

            return true;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return false; // another reader may forgive it
        }
    }

    // One of the names that count: written as it is, and not there before. Other names do not count.
    private static bool IsNew(ref Utf8JsonReader reader, string[] names, ref int seen)
    {
        string name = reader.GetString()!;
        int at = Array.FindIndex(names, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (at < 0)
        {
            return true;
        }

        bool isNew = names[at] == name && (seen & (1 << at)) == 0;
        seen |= 1 << at;
        return isNew;
    }
}
