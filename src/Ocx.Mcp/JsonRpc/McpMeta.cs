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
    public bool Read(ref JsonTokens reader, ref JsonRpcMessage message, bool request)
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
                    message.Client = ReadInfo(ref reader, message.Client, out whole);
                    break;
                case McpMember.ProtocolVersionOfMeta when request:
                    whole = ReadProtocolVersion(ref reader, ref message);
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
                    message.Server = ReadInfo(ref reader, message.Server, out whole);
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

    /// <summary>Reads the MCP revision that is spoken.</summary>
    public bool ReadProtocolVersion(ref JsonTokens reader, ref JsonRpcMessage message)
    {
        message.ProtocolVersion = values.NextText(
            ref reader,
            message.ProtocolVersion,
            Longest.ProtocolVersion,
            out bool whole
        );
        return whole;
    }

    /// <summary>Reads an object with a name and a version.</summary>
    /// <param name="reader">Stands before it.</param>
    /// <param name="known">What is told of what it does not name.</param>
    /// <param name="whole">False when the text ends in it.</param>
    public (string Name, string Version) ReadInfo(
        ref JsonTokens reader,
        (string Name, string Version) known,
        out bool whole
    )
    {
        if (!JsonValues.TryEnterObject(ref reader, out whole))
        {
            return known;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            switch (McpMembersByName.Of(values.Name(ref reader)))
            {
                case McpMember.Name:
                    known.Name = values.NextText(ref reader, known.Name, Longest.PeerInfo, out whole);
                    break;
                case McpMember.Version:
                    known.Version = values.NextText(ref reader, known.Version, Longest.PeerInfo, out whole);
                    break;
                default:
                    whole = JsonValues.Skip(ref reader);
                    break;
            }
        }

        return known;
    }

    /// <summary>Reads the capabilities of a client or a server.</summary>
    public bool ReadCapabilities(ref JsonTokens reader, ref JsonRpcMessage message)
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool whole))
        {
            return whole;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            if (McpMembersByName.Of(values.Name(ref reader)) == McpMember.Extensions)
            {
                message.Extensions = values.NextNames(ref reader, message.Extensions, out whole);
            }
            else
            {
                whole = JsonValues.Skip(ref reader);
            }
        }

        return whole;
    }
}
