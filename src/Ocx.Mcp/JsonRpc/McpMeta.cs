using System.Text.Json;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Reads <c>_meta</c> and what may stand in it or beside it: who speaks, and what that end can do. Each method begins
/// after a member's name, and returns false when the text ends before the value does.
/// </summary>
internal sealed class McpMeta(JsonValues values)
{
    /// <summary>Reads the value of <c>_meta</c>.</summary>
    public bool Read(ref Utf8JsonReader reader, ref JsonRpcMessage message, bool request)
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool whole))
        {
            return whole;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            switch (McpMembersByName.Of(values.Name(ref reader)))
            {
                case McpMember.ClientInfoOfMeta when request:
                    whole = ReadInfo(ref reader, ref message.Client);
                    break;
                case McpMember.ProtocolVersionOfMeta when request:
                    whole = values.TryText(ref reader, ref message.ProtocolVersion, Longest.ProtocolVersion);
                    break;
                case McpMember.ClientCapabilities when request:
                    whole = ReadCapabilities(ref reader, ref message);
                    break;
                case McpMember.LogLevel when request:
                    whole = JsonValues.Skip(ref reader);
                    message.Deprecated |= McpDeprecated.Logging;
                    break;
                case McpMember.ProgressToken when request:
                    whole = values.TryId(ref reader, out message.ProgressToken);
                    break;
                case McpMember.ServerInfoOfMeta when !request:
                    whole = ReadInfo(ref reader, ref message.Server);
                    break;
                case McpMember.TraceParent when request:
                    whole = JsonValues.Skip(ref reader);
                    message.TraceParent =
                        reader.TokenType == JsonTokenType.String ? TraceParent.Parse(reader.ValueSpan) : default;
                    break;
                case McpMember.TraceState when request:
                    whole = JsonValues.Skip(ref reader);
                    message.TraceState =
                        reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= TraceParent.LongestState
                            ? values.Text(ref reader, TraceParent.LongestState)
                            : string.Empty;
                    break;
                default:
                    whole = JsonValues.Skip(ref reader);
                    break;
            }
        }

        return whole;
    }

    /// <summary>Reads an object with a name (or a URI) and a version.</summary>
    public bool ReadInfo(
        ref Utf8JsonReader reader,
        ref (string Name, string Version) info,
        int longest = Longest.PeerInfo
    )
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool whole))
        {
            return whole;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            whole = McpMembersByName.Of(values.Name(ref reader)) switch
            {
                McpMember.Name => values.TryText(ref reader, ref info.Name, longest),
                McpMember.Version => values.TryText(ref reader, ref info.Version, longest),
                _ => JsonValues.Skip(ref reader),
            };
        }

        return whole;
    }

    /// <summary>Reads the capabilities of a client or a server.</summary>
    public bool ReadCapabilities(ref Utf8JsonReader reader, ref JsonRpcMessage message)
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool whole))
        {
            return whole;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            whole =
                McpMembersByName.Of(values.Name(ref reader)) == McpMember.Extensions
                    ? values.TryNames(ref reader, ref message.Extensions)
                    : JsonValues.Skip(ref reader);
        }

        return whole;
    }
}
