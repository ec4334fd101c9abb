using System.Text.Json;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Reads what <c>params</c> and <c>result</c> have in common: <c>_meta</c>, who speaks, capabilities, tasks, errors.
/// Each method begins after a member's name, and returns false when the text ends before the value does.
/// </summary>
internal sealed class McpParts(JsonValues values)
{
    /// <summary>Reads the value of <c>_meta</c>.</summary>
    public bool ReadMeta(ref Utf8JsonReader reader, ref JsonRpcMessage message, bool request)
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

            if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                return whole;
            }
        }

        return false;
    }

    /// <summary>Reads an object with a name (or a URI) and a version.</summary>
    public bool ReadInfo(
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

            bool whole = McpMembersByName.Of(values.Name(ref reader)) switch
            {
                McpMember.Name => values.TryText(ref reader, ref info.Name, longest),
                McpMember.Version => values.TryText(ref reader, ref info.Version, longest),
                _ => JsonValues.Skip(ref reader),
            };
            if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                return whole;
            }
        }

        return false;
    }

    /// <summary>Reads the capabilities of a client or a server.</summary>
    public bool ReadCapabilities(ref Utf8JsonReader reader, ref JsonRpcMessage message)
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
                McpMembersByName.Of(values.Name(ref reader)) == McpMember.Extensions
                    ? values.TryNames(ref reader, ref message.Extensions)
                    : JsonValues.Skip(ref reader);
            if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                return whole;
            }
        }

        return false;
    }

    /// <summary>Reads the value of <c>requestState</c>, of which a hash is kept.</summary>
    public bool ReadRequestState(ref Utf8JsonReader reader, ref JsonRpcMessage message)
    {
        message.HasState = true;
        bool whole = JsonValues.Skip(ref reader);
        message.RequestState = values.Hash(ref reader);
        return whole;
    }

    /// <summary>Reads what a server asks of its client: the methods tell whether any of it is deprecated.</summary>
    public bool ReadInputRequests(ref Utf8JsonReader reader, ref JsonRpcMessage message)
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

            if (!ReadInputRequest(ref reader, ref message))
            {
                return false;
            }

            if (reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads the task that stands in a member <c>task</c> of a result (2025-11-25).</summary>
    public bool ReadTask(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref McpTask task)
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool passed))
        {
            return passed;
        }

        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                task.IsMember = task.Id.Length > 0;
                return true;
            }

            McpMember member = McpMembersByName.Of(values.Name(ref reader));
            bool whole = member is McpMember.TaskId or McpMember.Status
                ? ReadTaskMember(member, ref reader, json, ref task)
                : JsonValues.Skip(ref reader);
            if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                return whole;
            }
        }

        return false;
    }

    /// <summary>Reads the value of a task's member whose name was just read.</summary>
    public bool ReadTaskMember(McpMember member, ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref McpTask task)
    {
        int start = JsonValues.Start(ref reader, json);
        switch (member)
        {
            case McpMember.Result:
                return ReadTaskResult(ref reader, json, start, ref task);
            case McpMember.Error:
                bool whole = ReadError(ref reader, json, out bool isError, out Range text, out int code);
                (task.Outcome, task.Text, task.ErrorCode) = isError
                    ? (JsonRpcKind.Error, text, code)
                    : (task.Outcome, task.Text, task.ErrorCode);
                return whole;
            case McpMember.TaskId:
                if (!JsonValues.Skip(ref reader))
                {
                    return false;
                }

                if (reader.TokenType == JsonTokenType.String)
                {
                    (task.Id, task.Key) = (values.Text(ref reader, Longest.TaskId), values.Id(ref reader));
                }

                return true;
            default:
                if (!JsonValues.Skip(ref reader))
                {
                    return false;
                }

                task.Status = reader.TokenType == JsonTokenType.String ? StatusOf(ref reader) : task.Status;
                return true;
        }
    }

    /// <summary>Reads an error. null is none, and no outcome.</summary>
    public static bool ReadError(
        ref Utf8JsonReader reader,
        ReadOnlySpan<byte> json,
        out bool isError,
        out Range text,
        out int code
    )
    {
        (text, code) = (default, 0);
        int start = JsonValues.Start(ref reader, json);
        bool isObject = JsonValues.TryEnterObject(ref reader, out bool passed);
        isError = reader.TokenType is not (JsonTokenType.Null or JsonTokenType.PropertyName);
        if (!isObject)
        {
            return passed;
        }

        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                text = start..(int)reader.BytesConsumed;
                return true;
            }

            bool isCode = JsonValues.Is(ref reader, "code"u8);
            if (!JsonValues.Skip(ref reader) || reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                text = start..json.Length;
                return reader.CurrentDepth > JsonRpcParser.MaxDepth;
            }

            if (isCode && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value))
            {
                code = value;
            }
        }

        text = start..json.Length;
        return false;
    }

    private bool ReadInputRequest(ref Utf8JsonReader reader, ref JsonRpcMessage message)
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

            bool isMethod = McpMembersByName.Of(values.Name(ref reader)) == McpMember.Method;
            if (!JsonValues.Skip(ref reader))
            {
                return false;
            }

            if (isMethod && reader.TokenType == JsonTokenType.String)
            {
                message.Deprecated |=
                    JsonValues.Is(ref reader, "roots/list"u8) ? McpDeprecated.Roots
                    : JsonValues.Is(ref reader, "sampling/createMessage"u8) ? McpDeprecated.Sampling
                    : McpDeprecated.None;
            }

            if (reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                return true;
            }
        }

        return false;
    }

    // What the request would have been answered with.
    private bool ReadTaskResult(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int start, ref McpTask task)
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool passed))
        {
            return passed;
        }

        task.Outcome = JsonRpcKind.Result;
        task.IsToolError = false;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                task.Text = start..(int)reader.BytesConsumed;
                return true;
            }

            bool isError = McpMembersByName.Of(values.Name(ref reader)) == McpMember.IsError;
            bool whole = JsonValues.Skip(ref reader);
            task.IsToolError = isError ? reader.TokenType == JsonTokenType.True : task.IsToolError;
            if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
            {
                task.Text = start..json.Length;
                return whole;
            }
        }

        task.Text = start..json.Length;
        return false;
    }

    /// <summary>Where a task stands, from the string that was read.</summary>
    public static McpTaskStatus StatusOf(ref Utf8JsonReader reader) =>
        JsonValues.Is(ref reader, "working"u8) ? McpTaskStatus.Working
        : JsonValues.Is(ref reader, "input_required"u8) ? McpTaskStatus.InputRequired
        : JsonValues.Is(ref reader, "completed"u8) ? McpTaskStatus.Completed
        : JsonValues.Is(ref reader, "failed"u8) ? McpTaskStatus.Failed
        : JsonValues.Is(ref reader, "cancelled"u8) ? McpTaskStatus.Cancelled
        : McpTaskStatus.None;
}
