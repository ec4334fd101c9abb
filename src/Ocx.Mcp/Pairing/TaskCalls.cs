using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// The calls that became tasks, by task, in the order in which they were last heard of. Times are monotonic, in
/// nanoseconds.
/// </summary>
internal sealed class TaskCalls(long timeoutNs, long maxBytes)
{
    // A server need not say that a task is cancelled, and a client need not ask: if it ended otherwise, that is seen
    // soon or not at all.
    private const long WithdrawnNs = 60_000_000_000;

    private readonly OnlyOnes<TaskKey, OpenCall> _byTask = new();
    private readonly LinkedList<OpenCall> _working = [];
    private readonly LinkedList<OpenCall> _withdrawn = [];
    private long _bytes;

    /// <summary>How many there are.</summary>
    public int Count => _working.Count + _withdrawn.Count;

    /// <summary>They hold more memory than they may.</summary>
    public bool IsTooMuch => _bytes > maxBytes;

    /// <summary>The one that was heard of longest ago; null when there is none.</summary>
    public OpenCall? Quietest =>
        (_working.First?.Value, _withdrawn.First?.Value) switch
        {
            ({ } working, { } withdrawn) => working.Task!.LastSeenNs <= withdrawn.Task!.LastSeenNs
                ? working
                : withdrawn,
            var (working, withdrawn) => working ?? withdrawn,
        };

    /// <summary>A call, in no other list, became its task.</summary>
    public void Add(OpenCall call, long now)
    {
        CallTask task = call.Task!;
        (task.IsCall, task.LastSeenNs) = (true, now);
        task.Bytes = call.HeldBytes + TaskKey.Cost + CutText.SizeOf(call.TaskId);
        _bytes += task.Bytes;
        _working.AddLast(call.Place);
        _byTask.Add(task.Key, call);
        _byTask.Add(task.OfAnyServer, call);
    }

    /// <summary>The one call that became the task; null where there is none, or more than one.</summary>
    public OpenCall? Find(in TaskKey key, in TaskKey ofAnyServer) =>
        _byTask.Has(key) ? _byTask.Find(key)
        : key.Id.IsLong ? _byTask.Find(ofAnyServer)
        : null;

    /// <summary>The task was heard of.</summary>
    public static void Touch(OpenCall call, long now)
    {
        call.Task!.LastSeenNs = now;
        LinkedList<OpenCall> list = call.Place.List!;
        list.Remove(call.Place);
        list.AddLast(call.Place);
    }

    /// <summary>The client does not want the task any more, and the server knows.</summary>
    public void Withdraw(OpenCall call, long now)
    {
        call.Task!.LastSeenNs = now;
        call.CancelAsked = true;
        call.Place.List!.Remove(call.Place);
        _withdrawn.AddLast(call.Place);
    }

    /// <summary>The call is over.</summary>
    public void Remove(OpenCall call)
    {
        _byTask.Remove(call.Task!.Key);
        _byTask.Remove(call.Task.OfAnyServer);
        _bytes -= call.Task.Bytes;
        call.Place.List!.Remove(call.Place);
    }

    /// <summary>One that has been quiet for too long; null when there is none.</summary>
    public OpenCall? Late(long now) =>
        _working.First is { } working && working.Value.Task!.LastSeenNs + timeoutNs < now ? working.Value
        : _withdrawn.First is { } withdrawn && withdrawn.Value.Task!.LastSeenNs + WithdrawnNs < now ? withdrawn.Value
        : null;

    /// <summary>How a task ended whose result was not seen; null where that is not known.</summary>
    public static CallStatus? EndOf(OpenCall call) =>
        call.TaskStatus switch
        {
            McpTaskStatus.Completed => CallStatus.Ok,
            McpTaskStatus.Failed => CallStatus.ToolError,
            McpTaskStatus.Cancelled => CallStatus.Cancelled,
            _ => call.CancelAsked ? CallStatus.Cancelled : null,
        };
}
