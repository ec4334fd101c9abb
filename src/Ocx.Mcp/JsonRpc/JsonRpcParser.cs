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
        message.Method = message.Name = message.ProtocolVersion = message.TraceState = string.Empty;
        message.Task.Id = message.Extensions = string.Empty;
        message.Client = message.Server = (string.Empty, string.Empty);
        var reader = new Utf8JsonReader(
            json,
            isFinalBlock: !truncated,
            new JsonReaderState(new() { MaxDepth = MaxDepth + 2 })
        );
        bool version = false,
            result = false,
            error = false;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return JsonRpcParse.Other;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (JsonValues.Is(ref reader, "params"u8))
                {
                    message.Truncated |= !_params.Read(ref reader, json, ref message);
                }
                else if (JsonValues.Is(ref reader, "result"u8))
                {
                    result = true;
                    message.Truncated |= !_results.Read(ref reader, json, ref message);
                }
                else if (JsonValues.Is(ref reader, "error"u8))
                {
                    message.Truncated |= !JsonRpcError.Read(
                        ref reader,
                        json,
                        out error,
                        out message.Outcome,
                        out message.ErrorCode
                    );
                }
                else if (JsonValues.Is(ref reader, "method"u8))
                {
                    message.Truncated |= !reader.Read();
                    message.Method = _values.Text(ref reader, Longest.Method);
                }
                else if (JsonValues.Is(ref reader, "id"u8))
                {
                    message.Truncated |= !reader.Read();
                    message.Id = _values.Id(ref reader);
                }
                else if (JsonValues.Is(ref reader, "jsonrpc"u8))
                {
                    message.Truncated |= !reader.Read();
                    version = reader.TokenType == JsonTokenType.String && JsonValues.Is(ref reader, "2.0"u8);
                }
                else
                {
                    message.Truncated |= !JsonValues.Skip(ref reader);
                }

                if (reader.CurrentDepth > MaxDepth)
                {
                    return JsonRpcParse.TooDeep;
                }

                if (message.Truncated)
                {
                    break;
                }
            }

            message.Truncated |= reader.TokenType != JsonTokenType.EndObject || reader.CurrentDepth > 0;
            message.Length = message.Truncated ? json.Length : (int)reader.BytesConsumed;
            if (!message.Truncated && reader.Read())
            {
                return JsonRpcParse.Malformed;
            }
        }
        catch (JsonException)
        {
            return reader.CurrentDepth > MaxDepth ? JsonRpcParse.TooDeep : JsonRpcParse.Malformed;
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
