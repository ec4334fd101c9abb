using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// Calls without an answer yet: by scope, direction and id, in the order they began. Bounded in number, memory and
/// time; finished ones go to the sink and their records are used again. Times are monotonic, in nanoseconds.
/// </summary>
internal sealed class OpenCalls(McpOptions options, MemoryBudget budget, McpCounters counters, IMcpSink sink)
{
    private const int MaxSpareRecords = 256;
    private readonly Dictionary<(ulong Scope, bool FromServer, JsonRpcId Id), OpenCall> _byId = [];
    private readonly OnlyOnes<(ulong Ends, JsonRpcId Id), OpenCall> _byEnds = new();
    private readonly LinkedList<OpenCall> _open = [];
    private readonly Stack<OpenCall> _spare = [];
    private readonly TaskCalls _tasks = new((long)options.CallTimeout.TotalNanoseconds, options.MaxMemoryBytes / 4);
    private readonly long _timeoutNs = (long)options.CallTimeout.TotalNanoseconds;

    /// <summary>How far the time of day is ahead of the monotonic clock now, in nanoseconds.</summary>
    public long WallClockOffset { get; set; }

    /// <summary>When the newest segment was captured.</summary>
    public long Now { get; set; }

    /// <summary>
    /// A fresh record, listed as open. Once its texts are known it is to be charged; see <see cref="TryCharge"/>.
    /// </summary>
    public OpenCall Open(long start)
    {
        if (_open.Count + _tasks.Count >= options.MaxOpenCalls)
        {
            Shed(Oldest, start);
        }

        OpenCall call = _spare.TryPop(out OpenCall? spare) ? spare : new(budget, options.MaxPayloadBytes);
        call.Key = options.CallKeys?.Next() ?? string.Empty;
        call.StartNs = start;
        call.StartUnixNs = start + WallClockOffset;
        _open.AddLast(call.Place);
        return call;
    }

    /// <summary>
    /// Charges a call for what it takes. The calls that wait for longest make room; false when that was not enough, and
    /// it is over.
    /// </summary>
    public bool TryCharge(OpenCall call, long now)
    {
        while (!call.TryCharge())
        {
            OpenCall oldest = Oldest;
            Shed(oldest, now);
            if (oldest == call)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes the call findable beyond its own HTTP exchange.</summary>
    /// <param name="call">The call.</param>
    /// <param name="scope">Where its id is the only one; 0 for its exchange alone.</param>
    /// <param name="owner">The session, or the connection as one, whose scope that is.</param>
    public void Index(OpenCall call, ulong scope, McpSession? owner)
    {
        if (call.Id.IsValue && scope != 0)
        {
            call.Scope = scope;
            _byId[(scope, call.FromServer, call.Id)] = call;
        }

        if (owner is not null)
        {
            Own(call, owner);
        }
    }

    /// <summary>
    /// Makes the call findable by its ends alone, for as long as no other call with its id has the same.
    /// </summary>
    public void IndexByEnds(OpenCall call, ulong ends)
    {
        if (call.Id.IsValue)
        {
            call.ScopeOfEnds = ends;
            _byEnds.Add((ends, call.Id.OfAnyKind), call);
        }
    }

    /// <summary>The only open call between two ends that has the id, whether as a number or as a string.</summary>
    public OpenCall? FindByEnds(ulong ends, JsonRpcId id) => id.IsValue ? _byEnds.Find((ends, id.OfAnyKind)) : null;

    /// <summary>The call ends with this session, or connection as one, at the latest.</summary>
    public static void Own(OpenCall call, McpSession owner)
    {
        call.Owner = owner;
        (owner.Open ??= []).AddLast(call.PlaceInSession);
    }

    /// <summary>All that the request says of the call is in its record.</summary>
    public void Opened(OpenCall call) => sink.OnOpened(call);

    /// <summary>The first byte of the call's answer passed, at that time by the monotonic clock.</summary>
    public void Answering(OpenCall call, long at)
    {
        if (!call.IsAnswering)
        {
            call.IsAnswering = true;
            sink.OnAnswering(call, call.StartUnixNs + Math.Max(0, at - call.StartNs));
        }
    }

    public OpenCall? Find(ulong scope, bool fromServer, JsonRpcId id) =>
        scope != 0 && id.IsValue && _byId.TryGetValue((scope, fromServer, id), out OpenCall? call) ? call : null;

    /// <summary>Reports the call and takes its record back, unless the sink keeps it.</summary>
    public void Finish(OpenCall call, CallStatus status, long now)
    {
        if (call.Task is { IsCall: true })
        {
            _tasks.Remove(call);
        }
        else
        {
            LeaveRequest(call);
        }

        call.Owner?.Open!.Remove(call.PlaceInSession);
        call.Status = status;
        call.DurationNs = Math.Max(0, now - call.StartNs);
        counters.Calls++;
        counters.HeaderMismatches += call.HeaderMismatch ? 1 : 0;
        sink.OnCall(call);
        if (call.IsKept)
        {
            return;
        }

        call.Reset();
        if (_spare.Count < MaxSpareRecords)
        {
            _spare.Push(call);
        }
    }

    /// <summary>
    /// The call goes on as a task: its request is answered, and its id is free for another. It ends with its session,
    /// or its connection as one, at the latest.
    /// </summary>
    public void BecomeTask(OpenCall call, long now)
    {
        LeaveRequest(call);
        call.Exchange = null;
        _tasks.Add(call, now);
        if (TryCharge(call, now) && _tasks.IsTooMuch)
        {
            Shed(_tasks.Quietest!, now);
        }
    }

    /// <summary>The one call that became the task; null where there is none, or more than one.</summary>
    public OpenCall? FindTask(in TaskKey key, in TaskKey ofAnyServer) => _tasks.Find(key, ofAnyServer);

    /// <summary>The task was heard of.</summary>
    public static void TouchTask(OpenCall call, long now) => TaskCalls.Touch(call, now);

    /// <summary>The client does not want the task any more, and the server knows.</summary>
    public void WithdrawTask(OpenCall call, long now) => _tasks.Withdraw(call, now);

    /// <summary>
    /// Ends the calls whose answers could only have come to a session, or a connection, that is gone.
    /// </summary>
    public void Abandon(McpSession owner, bool shed, long now)
    {
        while (owner.Open?.First is { } oldest)
        {
            if (shed)
            {
                oldest.Value.NoteMissing(CallCompleteness.Shed);
            }

            GiveUp(oldest.Value, CallStatus.Unpaired, now);
        }
    }

    /// <summary>Gives up calls that wait for too long. A subscription's answer is its end, so it may last.</summary>
    public void Tick(long now)
    {
        for (LinkedListNode<OpenCall>? at = _open.First; at is not null && at.Value.StartNs + _timeoutNs < now; )
        {
            OpenCall call = at.Value;
            at = at.Next;
            if (call.Method != "subscriptions/listen" || call.Exchange is null)
            {
                Finish(call, CallStatus.Timeout, now);
            }
        }

        while (_tasks.Late(now) is { } late)
        {
            GiveUp(late, CallStatus.Timeout, now);
        }
    }

    public void Flush(long now)
    {
        while (_open.First is { } oldest)
        {
            Finish(oldest.Value, CallStatus.Unpaired, now);
        }

        while (_tasks.Quietest is { } task)
        {
            GiveUp(task, CallStatus.Unpaired, now);
        }
    }

    // The call that began, or the task that was heard of, longest ago.
    private OpenCall Oldest =>
        _open.First is { } open
            ? _tasks.Quietest is { } quiet && quiet.Task!.LastSeenNs < open.Value.StartNs
                ? quiet
                : open.Value
            : _tasks.Quietest!;

    // Its answer is not awaited any more.
    private void LeaveRequest(OpenCall call)
    {
        if (
            call.Scope != 0
            && _byId.Remove((call.Scope, call.FromServer, call.Id), out OpenCall? indexed)
            && indexed != call
        )
        {
            _byId[(call.Scope, call.FromServer, call.Id)] = indexed; // a later call took the id
        }

        if (call.ScopeOfEnds != 0)
        {
            _byEnds.Remove((call.ScopeOfEnds, call.Id.OfAnyKind));
        }

        call.Exchange?.Calls.Remove(call);
        _open.Remove(call.Place);
    }

    // Of a task the end may be known, if not what it ended with.
    private void GiveUp(OpenCall call, CallStatus status, long now)
    {
        if (call.Task is { IsCall: true } && TaskCalls.EndOf(call) is { } end)
        {
            Finish(call, end, call.Task!.LastSeenNs);
        }
        else
        {
            Finish(call, status, now);
        }
    }

    private void Shed(OpenCall call, long now)
    {
        counters.ShedCalls++;
        call.NoteMissing(CallCompleteness.Shed);
        GiveUp(call, CallStatus.Unpaired, now);
    }
}
