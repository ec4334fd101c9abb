using System.Text.Json;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Reads what MCP puts into a message's <c>result</c>: whether the tool failed, who speaks, what is still asked for,
/// tasks (schema.ts of each revision).
/// </summary>
internal sealed class McpResults(JsonValues values, McpParts parts)
{
    /// <summary>Reads the value of <c>result</c>; false when the text ends before it does.</summary>
    public bool Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref JsonRpcMessage message)
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

            McpMember member = McpMembersByName.Of(values.Name(ref reader));
            switch (member)
            {
                case McpMember.IsError:
                    whole = JsonValues.Skip(ref reader);
                    message.IsToolError = reader.TokenType == JsonTokenType.True;
                    break;
                case McpMember.ServerInfo:
                    whole = parts.ReadInfo(ref reader, ref message.Server);
                    break;
                case McpMember.ProtocolVersion:
                    whole = values.TryText(ref reader, ref message.ProtocolVersion, Longest.ProtocolVersion);
                    break;
                case McpMember.Meta:
                    whole = parts.ReadMeta(ref reader, ref message, request: false);
                    break;
                case McpMember.ResultType:
                    whole = JsonValues.Skip(ref reader);
                    message.ResultType =
                        reader.TokenType != JsonTokenType.String ? McpResultType.Complete
                        : JsonValues.Is(ref reader, "task"u8) ? McpResultType.Task
                        : JsonValues.Is(ref reader, "input_required"u8) ? McpResultType.InputRequired
                        : McpResultType.Complete;
                    break;
                case McpMember.RequestState:
                    whole = parts.ReadRequestState(ref reader, ref message);
                    break;
                case McpMember.InputRequests:
                    whole = parts.ReadInputRequests(ref reader, ref message);
                    break;
                case McpMember.TtlMs:
                    whole = JsonValues.Skip(ref reader);
                    message.TtlMs =
                        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long ttl) ? ttl : null;
                    break;
                case McpMember.CacheScope:
                    whole = JsonValues.Skip(ref reader);
                    message.CacheScope =
                        reader.TokenType != JsonTokenType.String ? McpCacheScope.None
                        : JsonValues.Is(ref reader, "public"u8) ? McpCacheScope.Public
                        : JsonValues.Is(ref reader, "private"u8) ? McpCacheScope.Private
                        : McpCacheScope.None;
                    break;
                case McpMember.Capabilities:
                    whole = parts.ReadCapabilities(ref reader, ref message);
                    break;
                case McpMember.Task:
                    whole = parts.ReadTask(ref reader, json, ref message.Task);
                    break;
                case McpMember.TaskId or McpMember.Status or McpMember.Result or McpMember.Error:
                    whole = parts.ReadTaskMember(member, ref reader, json, ref message.Task);
                    break;
                default:
                    whole = JsonValues.Skip(ref reader);
                    break;
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
}
