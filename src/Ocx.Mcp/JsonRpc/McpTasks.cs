using System.Text.Json;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Reads what a message says of a task. Each method begins after a member's name, and returns false when the text ends
/// before the value does.
/// </summary>
internal sealed class McpTasks(JsonValues values)
{
    /// <summary>Reads the task that stands in a member <c>task</c> of a result (2025-11-25).</summary>
    public bool Read(ref JsonTokens reader, ReadOnlySpan<byte> json, ref McpTask task)
    {
        if (!JsonValues.TryEnterObject(ref reader, out bool whole))
        {
            return whole;
        }

        while (JsonValues.NextMember(ref reader, ref whole))
        {
            McpMember member = McpMembersByName.Of(values.Name(ref reader));
            whole = member is McpMember.TaskId or McpMember.Status
                ? ReadMember(member, ref reader, json, ref task)
                : JsonValues.Skip(ref reader);
        }

        task.IsMember = JsonValues.HasEnded(ref reader, whole) ? task.Id.Length > 0 : task.IsMember;
        return whole;
    }

    /// <summary>Reads the value of a task's member whose name was just read.</summary>
    public bool ReadMember(McpMember member, ref JsonTokens reader, ReadOnlySpan<byte> json, ref McpTask task)
    {
        switch (member)
        {
            case McpMember.Result:
                return ReadResult(ref reader, json, ref task);
            case McpMember.Error:
                bool whole = JsonRpcError.Read(ref reader, json, out bool isError, out Range text, out int code);
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

    /// <summary>Where a task stands, from the string that was read.</summary>
    public static McpTaskStatus StatusOf(ref JsonTokens reader) =>
        JsonValues.Is(ref reader, "working"u8) ? McpTaskStatus.Working
        : JsonValues.Is(ref reader, "input_required"u8) ? McpTaskStatus.InputRequired
        : JsonValues.Is(ref reader, "completed"u8) ? McpTaskStatus.Completed
        : JsonValues.Is(ref reader, "failed"u8) ? McpTaskStatus.Failed
        : JsonValues.Is(ref reader, "cancelled"u8) ? McpTaskStatus.Cancelled
        : McpTaskStatus.None;

    // What the request would have been answered with.
    private bool ReadResult(ref JsonTokens reader, ReadOnlySpan<byte> json, ref McpTask task)
    {
        int start = reader.NextStart;
        if (!JsonValues.TryEnterObject(ref reader, out bool whole))
        {
            return whole;
        }

        task.Outcome = JsonRpcKind.Result;
        task.IsToolError = false;
        while (JsonValues.NextMember(ref reader, ref whole))
        {
            bool isError = McpMembersByName.Of(values.Name(ref reader)) == McpMember.IsError;
            whole = JsonValues.Skip(ref reader);
            task.IsToolError = isError ? reader.TokenType == JsonTokenType.True : task.IsToolError;
        }

        task.Text = start..JsonValues.End(ref reader, json, whole);
        return whole;
    }
}
