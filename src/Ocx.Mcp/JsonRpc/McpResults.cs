using System.Text.Json;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Reads what MCP puts into a message's <c>result</c>: whether the tool failed, who speaks, what is still asked for,
/// tasks (schema.ts of each revision).
/// </summary>
internal sealed class McpResults(JsonValues values, McpMeta meta, McpRounds rounds, McpTasks tasks)
{
    /// <summary>Reads the value of <c>result</c>; false when the text ends before it does.</summary>
    public bool Read(ref JsonTokens reader, ReadOnlySpan<byte> json, ref JsonRpcMessage message)
    {
        int start = reader.NextStart;
        if (!JsonValues.TryEnterObject(ref reader, out bool whole))
        {
            return whole;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            McpMember member = McpMembersByName.Of(values.Name(ref reader));
            switch (member)
            {
                case McpMember.IsError:
                    whole = JsonValues.Skip(ref reader);
                    message.IsToolError = reader.TokenType == JsonTokenType.True;
                    break;
                case McpMember.ServerInfo:
                    message.Server = meta.ReadInfo(ref reader, message.Server, out whole);
                    break;
                case McpMember.ProtocolVersion:
                    whole = meta.ReadProtocolVersion(ref reader, ref message);
                    break;
                case McpMember.Meta:
                    whole = meta.Read(ref reader, ref message, request: false);
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
                    whole = rounds.ReadState(ref reader, ref message);
                    break;
                case McpMember.InputRequests:
                    whole = rounds.ReadRequests(ref reader, ref message);
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
                    whole = meta.ReadCapabilities(ref reader, ref message);
                    break;
                case McpMember.Task:
                    whole = tasks.Read(ref reader, json, ref message.Task);
                    break;
                case McpMember.TaskId or McpMember.Status or McpMember.Result or McpMember.Error:
                    whole = tasks.ReadMember(member, ref reader, json, ref message.Task);
                    break;
                default:
                    whole = JsonValues.Skip(ref reader);
                    break;
            }
        }

        message.Outcome = start..JsonValues.End(ref reader, json, whole);
        return whole;
    }
}
