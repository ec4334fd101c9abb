using System.Text.Json;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Reads what links the rounds of a request whose server asks its client for more (2026-07-28). Each method begins
/// after a member's name, and returns false when the text ends before the value does.
/// </summary>
internal sealed class McpRounds(JsonValues values)
{
    /// <summary>Reads the value of <c>requestState</c>, of which a hash is kept.</summary>
    public bool ReadState(ref JsonTokens reader, ref JsonRpcMessage message)
    {
        message.HasState = true;
        bool whole = JsonValues.Skip(ref reader);
        message.RequestState = values.Hash(ref reader);
        return whole;
    }

    /// <summary>Reads what a server asks of its client: the methods tell whether any of it is deprecated.</summary>
    public bool ReadRequests(ref JsonTokens reader, ref JsonRpcMessage message)
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool whole))
        {
            return whole;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            whole = ReadRequest(ref reader, ref message);
        }

        return whole;
    }

    private bool ReadRequest(ref JsonTokens reader, ref JsonRpcMessage message)
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool whole))
        {
            return whole;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            bool isMethod = McpMembersByName.Of(values.Name(ref reader)) == McpMember.Method;
            whole = JsonValues.Skip(ref reader);
            if (isMethod && whole && reader.TokenType == JsonTokenType.String)
            {
                message.Deprecated |=
                    JsonValues.Is(ref reader, "roots/list"u8) ? McpDeprecated.Roots
                    : JsonValues.Is(ref reader, "sampling/createMessage"u8) ? McpDeprecated.Sampling
                    : McpDeprecated.None;
            }
        }

        return whole;
    }
}
