using System.Text.Json;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Reads what MCP puts into a message's <c>params</c>: names, arguments, versions, who speaks, tasks (schema.ts of each
/// revision).
/// </summary>
internal sealed class McpParams(JsonValues values, McpMeta meta, McpRounds rounds, McpTasks tasks)
{
    /// <summary>Reads the value of <c>params</c>; false when the text ends before it does.</summary>
    public bool Read(ref JsonTokens reader, ReadOnlySpan<byte> json, ref JsonRpcMessage message)
    {
        int start = reader.NextStart;
        if (!reader.Read())
        {
            return false;
        }

        bool whole = true,
            hasArguments = false;
        message.IsAmbiguous |= !message.Arguments.Equals(default);
        message.Subject = default;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (JsonValues.NextMember(ref reader, ref whole))
            {
                McpMember member = McpMembersByName.Of(values.Name(ref reader));
                switch (member)
                {
                    case McpMember.Arguments:
                        int from = reader.NextStart;
                        whole = JsonValues.Skip(ref reader);
                        message.Arguments = from..(whole ? reader.BytesConsumed : json.Length);
                        message.IsAmbiguous |= hasArguments;
                        hasArguments = true;
                        break;
                    case McpMember.Name:
                        message.IsAmbiguous |= message.Subject.Name is not null;
                        message.Subject.Name = values.NextText(
                            ref reader,
                            message.Subject.Name,
                            Longest.Name,
                            out whole
                        );
                        break;
                    case McpMember.Uri:
                        message.IsAmbiguous |= message.Subject.Uri is not null;
                        message.Subject.Uri = values.NextText(ref reader, message.Subject.Uri, Longest.Name, out whole);
                        break;
                    case McpMember.Meta:
                        whole = meta.Read(ref reader, ref message, request: true);
                        break;
                    case McpMember.ClientInfo:
                        message.Client = meta.ReadInfo(ref reader, message.Client, out whole);
                        break;
                    case McpMember.ProtocolVersion:
                        whole = meta.ReadProtocolVersion(ref reader, ref message);
                        break;
                    case McpMember.Reference:
                        message.IsAmbiguous |= message.Subject.Reference is not null;
                        message.Subject.Reference = ReadReference(ref reader, out whole);
                        break;
                    case McpMember.RequestId:
                        whole = values.TryId(ref reader, out message.CancelledId);
                        break;
                    case McpMember.ProgressToken:
                        whole = values.TryId(ref reader, out message.ProgressToken);
                        break;
                    case McpMember.Capabilities:
                        whole = meta.ReadCapabilities(ref reader, ref message);
                        break;
                    case McpMember.RequestState:
                        whole = rounds.ReadState(ref reader, ref message);
                        break;
                    case McpMember.IncludeContext:
                        whole = JsonValues.Skip(ref reader);
                        message.Deprecated |=
                            reader.TokenType == JsonTokenType.String && !JsonValues.Is(ref reader, "none"u8)
                                ? McpDeprecated.IncludeContext
                                : McpDeprecated.None;
                        break;
                    case McpMember.Task:
                        whole = reader.Read();
                        message.AsksForTask = whole && reader.TokenType == JsonTokenType.StartObject;
                        whole = whole && JsonValues.SkipValue(ref reader);
                        break;
                    case McpMember.TaskId or McpMember.Status or McpMember.Result or McpMember.Error:
                        whole = tasks.ReadMember(member, ref reader, json, ref message.Task);
                        break;
                    default:
                        whole = JsonValues.Skip(ref reader);
                        break;
                }
            }
        }
        else
        {
            whole = JsonValues.SkipValue(ref reader);
        }

        message.NamesArguments = hasArguments;
        message.Arguments = hasArguments ? message.Arguments : start..JsonValues.End(ref reader, json, whole);
        return whole;
    }

    // A prompt's reference has a name, a resource's a URI. Null for none.
    private string? ReadReference(ref JsonTokens reader, out bool whole)
    {
        if (!JsonValues.TryEnterObject(ref reader, out whole))
        {
            return null;
        }

        string? name = null,
            uri = null;
        while (JsonValues.NextMember(ref reader, ref whole))
        {
            switch (McpMembersByName.Of(values.Name(ref reader)))
            {
                case McpMember.Name:
                    name = values.NextText(ref reader, name, Longest.Name, out whole);
                    break;
                case McpMember.Uri:
                    uri = values.NextText(ref reader, uri, Longest.Name, out whole);
                    break;
                default:
                    whole = JsonValues.Skip(ref reader);
                    break;
            }
        }

        return name ?? uri;
    }
}
