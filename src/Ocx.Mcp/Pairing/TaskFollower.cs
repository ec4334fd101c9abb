using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// Follows the calls that became tasks, by what the server says of these: in answers to <c>tasks/get</c>,
/// <c>tasks/cancel</c> and <c>tasks/result</c>, and in notifications.
/// </summary>
/// <remarks>
/// The tasks extension of 2026-07-28 (SEP-2663) and the tasks of 2025-11-25, whose result comes by itself.
/// </remarks>
internal sealed class TaskFollower(OpenCalls calls, Payloads payloads, Redactor redactor)
{
    /// <summary>True for a method whose parameter is a task's id.</summary>
    public static bool IsAbout(string method) => method.StartsWith("tasks/", StringComparison.Ordinal);

    /// <summary>True for a notification of where a task stands.</summary>
    public static bool IsNotification(string method) => method is "notifications/tasks" or "notifications/tasks/status";

    /// <summary>A request is about a task.</summary>
    public void Ask(OpenCall call, in JsonRpcMessage message, in MessagePlace place)
    {
        call.AsksForTask = message.AsksForTask;
        if (message.Task.Key.IsValue && IsAbout(message.Method))
        {
            TakeTask(call, message, place);
        }
    }

    /// <summary>Whether the answer says that the client's call goes on as a task; then it does.</summary>
    public bool TryBegin(OpenCall call, in JsonRpcMessage message, in MessagePlace place)
    {
        bool begins =
            !call.FromServer
            && message.Kind == JsonRpcKind.Result
            && message.Task.Key.IsValue
            && (message.ResultType == McpResultType.Task || (call.AsksForTask && message.Task.IsMember));
        if (begins)
        {
            TakeTask(call, message, place);
            if (message.Task.Status == McpTaskStatus.Cancelled)
            {
                return false; // it is over as it begins
            }

            calls.BecomeTask(call, place.Now);
        }

        return begins;
    }

    /// <summary>A request about a task is answered: so may be the call that became the task.</summary>
    public void Answer(OpenCall asked, ReadOnlySpan<byte> json, in JsonRpcMessage message, in MessagePlace place)
    {
        if (asked.Task is not { } about)
        {
            return;
        }

        asked.TaskStatus = message.Task.Status;
        if (calls.FindTask(about.Key, about.OfAnyServer) is not { } call)
        {
            return;
        }

        if (asked.Method == "tasks/result")
        {
            // Exactly what the request would have been answered with; an error may also be about asking.
            if (message.Kind == JsonRpcKind.Result || call.TaskStatus == McpTaskStatus.Failed)
            {
                End(
                    call,
                    json,
                    message,
                    place,
                    message.Kind == JsonRpcKind.Error ? CallStatus.RpcError
                        : message.IsToolError ? CallStatus.ToolError
                        : CallStatus.Ok,
                    message.Outcome,
                    message.ErrorCode
                );
            }
        }
        else if (message.Kind == JsonRpcKind.Result)
        {
            bool said = message.Task.Status != McpTaskStatus.None;
            if (asked.Method == "tasks/cancel" && !said)
            {
                calls.WithdrawTask(call, place.Now);
            }
            else if (said)
            {
                Follow(call, json, message, place);
            }
        }
    }

    /// <summary>A server says where a task stands.</summary>
    public void Notify(ReadOnlySpan<byte> json, in JsonRpcMessage message, in MessagePlace place)
    {
        JsonRpcId id = message.Task.Key;
        if (
            place.FromServer
            && id.IsValue
            && calls.FindTask(TaskKey.Of(place, id), TaskKey.OfAnyServer(place, id)) is { } call
        )
        {
            Follow(call, json, message, place);
        }
    }

    private void TakeTask(OpenCall call, in JsonRpcMessage message, in MessagePlace place)
    {
        JsonRpcId id = message.Task.Key;
        var task = new CallTask(TaskKey.Of(place, id), TaskKey.OfAnyServer(place, id));
        call.TakeTask(task, redactor.Redact(message.Task.Id), message.Task.Status);
    }

    private void Follow(OpenCall call, ReadOnlySpan<byte> json, in JsonRpcMessage message, in MessagePlace place)
    {
        McpTask task = message.Task;
        bool isOver = TaskCalls.EndOf(call) is not null && !call.CancelAsked;
        if (!isOver)
        {
            call.TaskStatus = task.Status;
            OpenCalls.TouchTask(call, place.Now);
        }

        switch (call.TaskStatus)
        {
            case McpTaskStatus.Cancelled:
                End(call, json, message, place, CallStatus.Cancelled, default, 0);
                break;
            case McpTaskStatus.Completed when task.Outcome == JsonRpcKind.Result:
                CallStatus status = task.IsToolError ? CallStatus.ToolError : CallStatus.Ok;
                End(call, json, message, place, status, task.Text, 0);
                break;
            case McpTaskStatus.Failed when task.Outcome == JsonRpcKind.Error:
                End(call, json, message, place, CallStatus.RpcError, task.Text, task.ErrorCode);
                break;
        }
    }

    private void End(
        OpenCall call,
        ReadOnlySpan<byte> json,
        in JsonRpcMessage message,
        in MessagePlace place,
        CallStatus status,
        Range result,
        int errorCode
    )
    {
        call.TaskStatus = status switch
        {
            _ when call.TaskStatus is McpTaskStatus.Completed or McpTaskStatus.Failed or McpTaskStatus.Cancelled =>
                call.TaskStatus,
            CallStatus.RpcError => McpTaskStatus.Failed,
            _ => McpTaskStatus.Completed,
        };
        (call.ResponseBytes, call.ErrorCode) = (message.Length, errorCode);
        if (message.Truncated)
        {
            call.NoteMissing(CallCompleteness.Truncated);
        }

        payloads.TakeResult(call, json, message, result);
        calls.Finish(call, status, place.Now);
    }
}
