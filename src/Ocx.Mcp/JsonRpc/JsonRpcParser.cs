using System.Text.Json;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.JsonRpc;

/// <summary>How reading a text as JSON-RPC ended.</summary>
public enum JsonRpcParse
{
    /// <summary>A message, whole or as far as the text goes.</summary>
    Message,

    /// <summary>Well-formed JSON that is no JSON-RPC 2.0.</summary>
    Other,

    /// <summary>Not well-formed.</summary>
    Malformed,

    /// <summary>Nested deeper than <see cref="JsonRpcParser.MaxDepth"/>.</summary>
    TooDeep,
}

/// <summary>
/// Reads JSON-RPC 2.0 messages with the platform's reader, in one pass, without allocating for names seen before.
/// </summary>
public sealed class JsonRpcParser
{
    /// <summary>The deepest nesting read; MCP has no use for more, and hostile nesting stops here.</summary>
    public const int MaxDepth = 128;

    private readonly JsonValues _values;
    private readonly McpParams _params;
    private readonly McpResults _results;

    /// <summary>A parser whose names are taken from, and added to, the cache.</summary>
    public JsonRpcParser(Utf8StringCache strings)
    {
        _values = new(strings);
        var meta = new McpMeta(_values);
        var rounds = new McpRounds(_values);
        var tasks = new McpTasks(_values);
        _params = new(_values, meta, rounds, tasks);
        _results = new(_values, meta, rounds, tasks);
    }

    /// <summary>
    /// Reads one message. With <paramref name="truncated"/> the text is known to be cut: what is there is read.
    /// </summary>
    public JsonRpcParse Parse(ReadOnlySpan<byte> json, bool truncated, out JsonRpcMessage message)
    {
        message = default;
        var reader = new JsonTokens(json, mayEnd: truncated);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return reader.IsMalformed ? JsonRpcParse.Malformed : JsonRpcParse.Other;
        }

        bool version = false,
            result = false,
            error = false,
            whole = true;
        while (JsonValues.NextMember(ref reader, ref whole))
        {
            switch (McpMembersByName.Of(_values.Name(ref reader)))
            {
                case McpMember.JsonRpc:
                    whole = JsonValues.Skip(ref reader);
                    version = reader.TokenType == JsonTokenType.String && JsonValues.Is(ref reader, "2.0"u8);
                    break;
                case McpMember.Id:
                    whole = _values.TryId(ref reader, out message.Id);
                    break;
                case McpMember.Method:
                    message.IsAmbiguous |= message.Method.Length > 0;
                    message.Method = _values.NextText(ref reader, message.Method, Longest.Method, out whole);
                    break;
                case McpMember.Params:
                    whole = _params.Read(ref reader, json, ref message);
                    break;
                case McpMember.Result:
                    result = true;
                    whole = _results.Read(ref reader, json, ref message);
                    break;
                case McpMember.Error:
                    whole = JsonRpcError.Read(ref reader, json, out error, out message.Outcome, out message.ErrorCode);
                    break;
                default:
                    whole = JsonValues.Skip(ref reader);
                    break;
            }
        }

        if (reader.CurrentDepth > MaxDepth)
        {
            return JsonRpcParse.TooDeep;
        }

        message.Truncated = !whole || reader.TokenType != JsonTokenType.EndObject;
        message.Length = message.Truncated ? json.Length : reader.BytesConsumed;
        if ((!message.Truncated && reader.Read()) || reader.IsMalformed)
        {
            return JsonRpcParse.Malformed;
        }

        // A text that was cut may have lost the version, which some peers write last.
        message.Kind =
            !version && !message.Truncated ? JsonRpcKind.None : KindOf(message, result, error, message.Truncated);
        return message.Kind == JsonRpcKind.None ? JsonRpcParse.Other : JsonRpcParse.Message;
    }

    /// <summary>What a message with these members is.</summary>
    /// <param name="message">Its method and its id.</param>
    /// <param name="result">It has a result.</param>
    /// <param name="error">It has an error that is not null.</param>
    /// <param name="mayBeCut">Its id may be in what was not read.</param>
    internal static JsonRpcKind KindOf(in JsonRpcMessage message, bool result, bool error, bool mayBeCut) =>
        // A notification is one whatever its id is: null at some.
        message.Method.StartsWith("notifications/", StringComparison.Ordinal)
            ? JsonRpcKind.Notification
        : message.Method.Length > 0
            ? message.Id.Kind == JsonRpcIdKind.None && !mayBeCut ? JsonRpcKind.Notification
                : JsonRpcKind.Request
        : error ? JsonRpcKind.Error
        : result ? JsonRpcKind.Result
        : JsonRpcKind.None;
}
