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

/// <summary>Reads JSON-RPC 2.0 messages with the platform's reader, in one pass, without allocating for names seen before.</summary>
public sealed class JsonRpcParser(Utf8StringCache strings)
{
    /// <summary>The deepest nesting read; MCP has no use for more, and hostile nesting stops here.</summary>
    public const int MaxDepth = 128;

    private readonly byte[] _unescaped = new byte[1024];

    /// <summary>Reads one message. With <paramref name="truncated"/> the text is known to be cut: what is there is read.</summary>
    public JsonRpcParse Parse(ReadOnlySpan<byte> json, bool truncated, out JsonRpcMessage message)
    {
        message = new() { Method = string.Empty, Name = string.Empty, ProtocolVersion = string.Empty };
        message.Client = message.Server = (string.Empty, string.Empty);
        var reader = new Utf8JsonReader(json, isFinalBlock: !truncated, new JsonReaderState(new() { MaxDepth = MaxDepth + 2 }));
        bool version = false, result = false, error = false;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return JsonRpcParse.Other;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("params"u8))
                {
                    message.Truncated |= !ReadParams(ref reader, json, ref message);
                }
                else if (reader.ValueTextEquals("result"u8))
                {
                    result = true;
                    message.Truncated |= !ReadResult(ref reader, json, ref message);
                }
                else if (reader.ValueTextEquals("error"u8))
                {
                    error = true;
                    message.Truncated |= !ReadError(ref reader, json, ref message);
                }
                else if (reader.ValueTextEquals("method"u8))
                {
                    message.Truncated |= !reader.Read();
                    message.Method = Text(ref reader);
                }
                else if (reader.ValueTextEquals("id"u8))
                {
                    message.Truncated |= !reader.Read();
                    message.Id = Id(ref reader);
                }
                else if (reader.ValueTextEquals("jsonrpc"u8))
                {
                    message.Truncated |= !reader.Read();
                    version = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("2.0"u8);
                }
                else
                {
                    message.Truncated |= !Skip(ref reader);
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
            if (!message.Truncated && reader.Read())
            {
                return JsonRpcParse.Malformed;
            }
        }
        catch (JsonException)
        {
            return reader.CurrentDepth > MaxDepth ? JsonRpcParse.TooDeep : JsonRpcParse.Malformed;
        }

        // A text that was cut may have lost the version and the id, which some peers write last.
        message.Kind = !version && !message.Truncated ? JsonRpcKind.None
            : message.Method.Length > 0 ? message.Id.Kind == JsonRpcIdKind.None && !message.Truncated ? JsonRpcKind.Notification : JsonRpcKind.Request
            : error ? JsonRpcKind.Error
            : result ? JsonRpcKind.Result
            : JsonRpcKind.None;
        return message.Kind == JsonRpcKind.None ? JsonRpcParse.Other : JsonRpcParse.Message;
    }

    private bool ReadParams(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref JsonRpcMessage message)
    {
        int start = ValueStart(ref reader, json);
        if (!reader.Read())
        {
            return false;
        }

        bool hasArguments = false;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (true)
            {
                if (!reader.Read())
                {
                    return false;
                }

                if (reader.TokenType == JsonTokenType.EndObject)
                {
                    break;
                }

                bool whole = true;
                if (reader.ValueTextEquals("arguments"u8))
                {
                    int from = ValueStart(ref reader, json);
                    whole = Skip(ref reader);
                    message.Arguments = whole ? from..(int)reader.BytesConsumed : default;
                    hasArguments = whole;
                }
                else if (reader.ValueTextEquals("name"u8) || reader.ValueTextEquals("uri"u8))
                {
                    whole = TryText(ref reader, ref message.Name);
                }
                else if (reader.ValueTextEquals("_meta"u8))
                {
                    whole = ReadMeta(ref reader, ref message, request: true);
                }
                else if (reader.ValueTextEquals("clientInfo"u8))
                {
                    whole = ReadInfo(ref reader, ref message.Client);
                }
                else if (reader.ValueTextEquals("protocolVersion"u8))
                {
                    whole = TryText(ref reader, ref message.ProtocolVersion);
                }
                else if (reader.ValueTextEquals("ref"u8))
                {
                    (string Name, string Version) reference = (string.Empty, string.Empty);
                    whole = ReadInfo(ref reader, ref reference);
                    message.Name = reference.Name.Length > 0 ? reference.Name : message.Name;
                }
                else if (reader.ValueTextEquals("requestId"u8))
                {
                    whole = reader.Read();
                    message.CancelledId = whole ? Id(ref reader) : default;
                }
                else if (reader.ValueTextEquals("progressToken"u8))
                {
                    whole = reader.Read();
                    message.ProgressToken = whole ? Id(ref reader) : default;
                }
                else
                {
                    whole = Skip(ref reader);
                }

                if (!whole || reader.CurrentDepth > MaxDepth)
                {
                    return whole;
                }
            }
        }
        else if (!SkipValue(ref reader))
        {
            return false;
        }

        message.Arguments = hasArguments ? message.Arguments : start..(int)reader.BytesConsumed;
        return true;
    }

    private bool ReadResult(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref JsonRpcMessage message)
    {
        int start = ValueStart(ref reader, json);
        if (!reader.Read())
        {
            return false;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return SkipValue(ref reader);
        }

        while (reader.Read())
        {
            bool whole = true;
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                message.Outcome = start..(int)reader.BytesConsumed;
                return true;
            }

            if (reader.ValueTextEquals("isError"u8))
            {
                whole = Skip(ref reader);
                message.IsToolError = reader.TokenType == JsonTokenType.True;
            }
            else if (reader.ValueTextEquals("serverInfo"u8))
            {
                whole = ReadInfo(ref reader, ref message.Server);
            }
            else if (reader.ValueTextEquals("protocolVersion"u8))
            {
                whole = TryText(ref reader, ref message.ProtocolVersion);
            }
            else if (reader.ValueTextEquals("_meta"u8))
            {
                whole = ReadMeta(ref reader, ref message, request: false);
            }
            else
            {
                whole = Skip(ref reader);
            }

            if (!whole || reader.CurrentDepth > MaxDepth)
            {
                return whole;
            }
        }

        return false;
    }

    private static bool ReadError(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref JsonRpcMessage message)
    {
        int start = ValueStart(ref reader, json);
        if (!reader.Read())
        {
            return false;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return SkipValue(ref reader);
        }

        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                message.Outcome = start..(int)reader.BytesConsumed;
                return true;
            }

            bool code = reader.ValueTextEquals("code"u8);
            if (!Skip(ref reader) || reader.CurrentDepth > MaxDepth)
            {
                return reader.CurrentDepth > MaxDepth;
            }

            if (code && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value))
            {
                message.ErrorCode = value;
            }
        }

        return false;
    }

    private bool ReadMeta(ref Utf8JsonReader reader, ref JsonRpcMessage message, bool request)
    {
        if (!reader.Read())
        {
            return false;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return SkipValue(ref reader);
        }

        while (reader.Read())
        {
            bool whole;
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                return true;
            }

            if (request && reader.ValueTextEquals("io.modelcontextprotocol/clientInfo"u8))
            {
                whole = ReadInfo(ref reader, ref message.Client);
            }
            else if (request && reader.ValueTextEquals("io.modelcontextprotocol/protocolVersion"u8))
            {
                whole = TryText(ref reader, ref message.ProtocolVersion);
            }
            else if (request && reader.ValueTextEquals("progressToken"u8))
            {
                whole = reader.Read();
                message.ProgressToken = whole ? Id(ref reader) : default;
            }
            else if (!request && reader.ValueTextEquals("io.modelcontextprotocol/serverInfo"u8))
            {
                whole = ReadInfo(ref reader, ref message.Server);
            }
            else
            {
                whole = Skip(ref reader);
            }

            if (!whole || reader.CurrentDepth > MaxDepth)
            {
                return whole;
            }
        }

        return false;
    }

    private bool ReadInfo(ref Utf8JsonReader reader, ref (string Name, string Version) info)
    {
        if (!reader.Read())
        {
            return false;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return SkipValue(ref reader);
        }

        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                return true;
            }

            bool whole = reader.ValueTextEquals("name"u8) || reader.ValueTextEquals("uri"u8) ? TryText(ref reader, ref info.Name)
                : reader.ValueTextEquals("version"u8) ? TryText(ref reader, ref info.Version)
                : Skip(ref reader);
            if (!whole || reader.CurrentDepth > MaxDepth)
            {
                return whole;
            }
        }

        return false;
    }

    private static int ValueStart(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        int at = (int)reader.BytesConsumed;
        while (at < json.Length && json[at] is (byte)':' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            at++;
        }

        return at;
    }

    private static bool Skip(ref Utf8JsonReader reader) => reader.Read() && SkipValue(ref reader);

    // Utf8JsonReader.Skip would throw at the depth limit; this stops one level before it.
    private static bool SkipValue(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return true;
        }

        int depth = reader.CurrentDepth;
        do
        {
            if (!reader.Read())
            {
                return false;
            }
        }
        while (reader.CurrentDepth > depth && reader.CurrentDepth <= MaxDepth);
        return true;
    }

    private bool TryText(ref Utf8JsonReader reader, ref string text)
    {
        if (!Skip(ref reader))
        {
            return false;
        }

        text = reader.TokenType == JsonTokenType.String ? Text(ref reader) : text;
        return true;
    }

    private string Text(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? string.Empty
        : !reader.ValueIsEscaped ? strings.Get(reader.ValueSpan)
        : strings.Get(Unescape(ref reader));

    private ReadOnlySpan<byte> Unescape(ref Utf8JsonReader reader)
    {
        byte[] to = reader.ValueSpan.Length <= _unescaped.Length ? _unescaped : new byte[reader.ValueSpan.Length];
        return to.AsSpan(0, reader.CopyString(to));
    }

    private JsonRpcId Id(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => new(JsonRpcIdKind.Null, 0),
        JsonTokenType.Number => JsonRpcId.From(JsonRpcIdKind.Number, reader.ValueSpan),
        JsonTokenType.String => JsonRpcId.From(JsonRpcIdKind.String, reader.ValueIsEscaped ? Unescape(ref reader) : reader.ValueSpan),
        _ => default,
    };
}
