using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// A call until it is over: its record, and what carries it, what it is found by, and what it is charged for.
/// </summary>
internal sealed class OpenCall : CallRecord
{
    // Itself, its two buffers' objects, and its places in lists and tables.
    private const int OwnSize = 1024;

    // The answer may name the server.
    private const int RoomForServerInfo = 128;

    private readonly MemoryBudget _budget;
    private long _cost;

    public OpenCall(MemoryBudget budget, int maxPayload)
        : base(budget, maxPayload)
    {
        _budget = budget;
        Place = new(this);
        PlaceInSession = new(this);
    }

    /// <summary><see cref="CallRecord.StartUnixNs"/> by the monotonic clock.</summary>
    public long StartNs { get; set; }

    public JsonRpcId ProgressToken { get; set; }

    /// <summary>Where its id is the only one; 0 for its exchange alone.</summary>
    public ulong Scope { get; set; }

    /// <summary>Under which it is found by its ends alone; 0 when it is not.</summary>
    public ulong ScopeOfEnds { get; set; }

    /// <summary>The HTTP exchange that carries it, while one does.</summary>
    public Exchange? Exchange { get; set; }

    /// <summary>Its client said that it needs no answer; an answer may come all the same.</summary>
    public bool CancelAsked { get; set; }

    /// <summary>Its sink was told that its answer begins.</summary>
    public bool IsAnswering { get; set; }

    /// <summary>The request asks for a later page of a list.</summary>
    public bool IsLaterPage { get; set; }

    /// <summary>The request asks to be a task (2025-11-25).</summary>
    public bool AsksForTask { get; set; }

    /// <summary>The task that it became, or is about; null without one.</summary>
    public CallTask? Task { get; private set; }

    /// <summary>Its place among all open calls, in the order they began.</summary>
    public LinkedListNode<OpenCall> Place { get; }

    /// <summary>The session, or the connection as one, by which its answer is found.</summary>
    public McpSession? Owner { get; set; }

    /// <summary>Its place among the open calls of that session.</summary>
    public LinkedListNode<OpenCall> PlaceInSession { get; }

    /// <summary>What it is charged for.</summary>
    public long HeldBytes => _cost + ArgumentsBuffer.Charged + ResultBuffer.Charged;

    /// <summary>It became this task, or is about it.</summary>
    public void TakeTask(CallTask task, string id, McpTaskStatus status) =>
        (Task, TaskId, TaskStatus) = (task, id, status);

    /// <summary>
    /// Charges it for what it takes: itself, its places in lists and tables, and the texts it keeps. False when there
    /// is no room.
    /// </summary>
    public bool TryCharge()
    {
        long cost =
            OwnSize
            + CutText.SizeOf(Key)
            + CutText.SizeOf(ArgumentsDigest)
            + CutText.SizeOf(Method)
            + CutText.SizeOf(Name)
            + CutText.SizeOf(ProtocolVersion)
            + CutText.SizeOf(Session)
            + CutText.SizeOf(ClientInfo.Name)
            + CutText.SizeOf(ClientInfo.Version)
            + CutText.SizeOf(TraceState)
            + CutText.SizeOf(ClientExtensions)
            + (Task is null ? 0 : TaskKey.Cost + CutText.SizeOf(TaskId))
            + CutText.SizeOf(ForeignOrigin.Origin)
            + CutText.SizeOf(ForeignOrigin.Host)
            + RoomForServerInfo;
        if (!_budget.TryTake(cost - _cost))
        {
            return false;
        }

        _cost = cost;
        return true;
    }

    internal override void Reset()
    {
        base.Reset();
        _budget.Return(_cost);
        _cost = 0;
        (StartNs, ProgressToken, Scope, ScopeOfEnds) = (0, default, 0, 0);
        (Exchange, Owner, Task) = (null, null, null);
        CancelAsked = IsAnswering = IsLaterPage = AsksForTask = false;
    }
}
