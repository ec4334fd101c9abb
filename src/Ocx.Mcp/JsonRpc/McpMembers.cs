using System.Text.Json;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Reads what MCP puts into a message's <c>params</c> and <c>result</c>: names, arguments, versions, who speaks
/// (schema.ts of each revision). Each method returns false when the text ends before the value does.
/// </summary>
internal sealed class McpMembers(JsonValues values)
{
    /// <summary>Reads the value of <c>params</c>.</summary>
    public bool ReadParams(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref JsonRpcMessage message)
    {
        int start = JsonValues.Start(ref reader, json);
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
                    message.Arguments = hasArguments ? message.Arguments : start..json.Length;
                    return false;
                }

                if (reader.TokenType == JsonTokenType.EndObject)
                {
                    break;
                }

                bool whole = true;
                if (JsonValues.Is(ref reader, "arguments"u8))
                {
                    int from = JsonValues.Start(ref reader, json);
                    whole = JsonValues.Skip(ref reader);
                    message.Arguments = from..(whole ? (int)reader.BytesConsumed : json.Length);
                    hasArguments = true;
                }
                else if (JsonValues.Is(ref reader, "name"u8) || JsonValues.Is(ref reader, "uri"u8))
                {
                    whole = values.TryText(ref reader, ref message.Name, Longest.Name);
                }
                else if (JsonValues.Is(ref reader, "_meta"u8))
                {
                    whole = ReadMeta(ref reader, ref message, request: true);
                }
                else if (JsonValues.Is(ref reader, "clientInfo"u8))
                {
                    whole = ReadInfo(ref reader, ref message.Client);
                }
                else if (JsonValues.Is(ref reader, "protocolVersion"u8))
                {
                    whole = values.TryText(ref reader, ref message.ProtocolVersion, Longest.ProtocolVersion);
                }
                else if (JsonValues.Is(ref reader, "ref"u8))
                {
                    (string Name, string Version) reference = (string.Empty, string.Empty);
                    whole = ReadInfo(ref reader, ref reference, Longest.Name);
                    message.Name = reference.Name.Length > 0 ? reference.Name : message.Name;
                }
                else if (JsonValues.Is(ref reader, "requestId"u8))
                {
                    whole = reader.Read();
                    message.CancelledId = whole ? values.Id(ref reader) : default;
                }
                else if (JsonValues.Is(ref reader, "progressToken"u8))
                {
                    whole = reader.Read();
                    message.ProgressToken = whole ? values.Id(ref reader) : default;
                }
                else
                {
                    whole = JsonValues.Skip(ref reader);
                }

                if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
                {
                    message.Arguments = hasArguments ? message.Arguments : start..json.Length;
                    return whole;
                }
            }
        }
        else if (!JsonValues.SkipValue(ref reader))
        {
            message.Arguments = start..json.Length;
            return false;
        }

        message.Arguments = hasArguments ? message.Arguments : start..(int)reader.BytesConsumed;
        return true;
    }

    /// <summary>Reads the value of <c>result</c>.</summary>
    public bool ReadResult(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref JsonRpcMessage message)
    {
        int start = JsonValues.Start(ref reader, json);
        if (!JsonValues.TryEnterObject(ref reader, out bool passed))
        {
            return passed;
        }

        while (reader.Read())
        {
            bool whole = true;
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                message.Outcome = start..(int)reader.BytesConsumed;
                return true;
            }

            if (JsonValues.Is(ref reader, "isError"u8))
            {
                whole = JsonValues.Skip(ref reader);
                message.IsToolError = reader.TokenType == JsonTokenType.True;
            }
            else if (JsonValues.Is(ref reader, "serverInfo"u8))
            {
                whole = ReadInfo(ref reader, ref message.Server);
            }
            else if (JsonValues.Is(ref reader, "protocolVersion"u8))
            {
                whole = values.TryText(ref reader, ref message.ProtocolVersion, Longest.ProtocolVersion);
            }
            else if (JsonValues.Is(ref reader, "_meta"u8))
            {
                whole = ReadMeta(ref reader, ref message, request: false);
            }
            else
            {
                whole = JsonValues.Skip(ref reader);
            }

            if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                message.Outcome = start..json.Length;
                return whole;
            }
        }

        message.Outcome = start..json.Length;
        return false;
    }

    private bool ReadMeta(ref Utf8JsonReader reader, ref JsonRpcMessage message, bool request)
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool passed))
        {
            return passed;
        }

        while (reader.Read())
        {
            bool whole;
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                return true;
            }

            if (request && JsonValues.Is(ref reader, "io.modelcontextprotocol/clientInfo"u8))
            {
                whole = ReadInfo(ref reader, ref message.Client);
            }
            else if (request && JsonValues.Is(ref reader, "io.modelcontextprotocol/protocolVersion"u8))
            {
                whole = values.TryText(ref reader, ref message.ProtocolVersion, Longest.ProtocolVersion);
            }
            else if (request && JsonValues.Is(ref reader, "progressToken"u8))
            {
                whole = reader.Read();
                message.ProgressToken = whole ? values.Id(ref reader) : default;
            }
            else if (!request && JsonValues.Is(ref reader, "io.modelcontextprotocol/serverInfo"u8))
            {
                whole = ReadInfo(ref reader, ref message.Server);
            }
            else if (request && JsonValues.Is(ref reader, "traceparent"u8))
            {
                whole = JsonValues.Skip(ref reader);
                message.TraceParent =
                    reader.TokenType == JsonTokenType.String ? TraceParent.Parse(reader.ValueSpan) : default;
            }
            else if (request && JsonValues.Is(ref reader, "tracestate"u8))
            {
                whole = JsonValues.Skip(ref reader);
                message.TraceState =
                    reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= TraceParent.LongestState
                        ? values.Text(ref reader, TraceParent.LongestState)
                        : string.Empty;
            }
            else
            {
                whole = JsonValues.Skip(ref reader);
            }

            if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                return whole;
            }
        }

        return false;
    }

    private bool ReadInfo(
        ref Utf8JsonReader reader,
        ref (string Name, string Version) info,
        int longest = Longest.PeerInfo
    )
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool passed))
        {
            return passed;
        }

        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                return true;
            }

            bool whole =
                JsonValues.Is(ref reader, "name"u8) || JsonValues.Is(ref reader, "uri"u8)
                    ? values.TryText(ref reader, ref info.Name, longest)
                : JsonValues.Is(ref reader, "version"u8) ? values.TryText(ref reader, ref info.Version, longest)
                : JsonValues.Skip(ref reader);
            if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                return whole;
            }
        }

        return false;
    }
}
