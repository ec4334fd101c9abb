using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// Reads JSON-RPC messages as they pass, and hands each to who opens, advances or finishes calls by it.
/// </summary>
internal sealed class MessageHandler(
    JsonRpcParser parser,
    RequestHandler requests,
    NotificationHandler notifications,
    AnswerHandler answers,
    McpCounters counters
)
{
    private const int MaxBatch = 1000;

    /// <summary>Takes one JSON text: a message or, in 2025-03-26, a batch.</summary>
    public void Take(ReadOnlySpan<byte> json, in MessageExtent extent, in MessagePlace place)
    {
        json = Trimmed(json);
        if (json is not [(byte)'[', ..])
        {
            TakeOne(json, extent, place, inBatch: false);
            return;
        }

        int taken = 0;
        foreach (Range element in new JsonElements(json))
        {
            if (++taken > MaxBatch)
            {
                counters.Oversize++;
                break;
            }

            int length = element.End.Value - element.Start.Value;
            TakeOne(json[element], new(CallCompleteness.Complete, length), place, inBatch: true);
        }
    }

    /// <summary>The request is whole: takes the answers that came before its end.</summary>
    public void TakeEarly(Exchange exchange)
    {
        if (exchange.Early is { } early)
        {
            exchange.Early = null;
            early.Replay(Take);
        }
    }

    /// <summary>A request whose body was not captured is told by its headers.</summary>
    public void TakeHeaders(in MessagePlace place, CallCompleteness completeness) =>
        requests.OpenFromHeaders(place, completeness);

    // Not at its end: that is far off in memory, and the parser comes by there. Some writers begin with a byte order
    // mark.
    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> json)
    {
        if (json is [(byte)'{', ..])
        {
            return json;
        }

        json = json.StartsWith("\uFEFF"u8) ? json["\uFEFF"u8.Length..] : json;
        return json.TrimStart(" \t\r\n"u8);
    }

    private void TakeOne(ReadOnlySpan<byte> json, in MessageExtent extent, in MessagePlace place, bool inBatch)
    {
        if (json.IsEmpty && extent.Rest is null)
        {
            return;
        }

        counters.ParsedBytes += json.Length;
        JsonRpcParse parsed = parser.Parse(
            json,
            extent.Completeness != CallCompleteness.Complete,
            out JsonRpcMessage message
        );
        if (extent.Rest is { } rest && parsed is JsonRpcParse.Message or JsonRpcParse.Other)
        {
            rest.Complete(ref message);
            message.Truncated = true;
            parsed = message.Kind == JsonRpcKind.None ? JsonRpcParse.Other : JsonRpcParse.Message;
        }

        switch (parsed)
        {
            case JsonRpcParse.TooDeep:
                counters.TooDeepJson++;
                return;
            case JsonRpcParse.Malformed:
                counters.MalformedJson += extent.IsMeant ? 1 : 0;
                return;
            case JsonRpcParse.Other:
                return;
        }

        counters.Messages++;
        message.Length = message.Truncated ? Math.Max(extent.Length, message.Length) : message.Length;
        switch (message.Kind)
        {
            case JsonRpcKind.Request:
                requests.Open(json, message, extent.Completeness, place);
                break;
            case JsonRpcKind.Notification:
                counters.Notifications++;
                notifications.Take(json, message, place);
                break;
            default:
                answers.Take(json, message, extent, place, inBatch);
                break;
        }
    }
}
