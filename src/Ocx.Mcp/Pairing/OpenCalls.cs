using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// Calls without an answer yet: by scope, direction and id, in the order they began. Bounded in number and in time; finished
/// ones go to the sink and their records are used again.
/// </summary>
internal sealed class OpenCalls(McpOptions options, MemoryBudget budget, McpCounters counters, IMcpSink sink)
{
    private const int MaxSpareRecords = 1024;
    private readonly Dictionary<(ulong Scope, bool FromServer, JsonRpcId Id), CallRecord> _byId = [];
    private readonly Stack<CallRecord> _spare = [];
    private readonly long _timeoutNs = (long)options.CallTimeout.TotalNanoseconds;
    private CallRecord? _newest;
    private CallRecord? _oldest;
    private int _count;

    /// <summary>A fresh record, listed as open.</summary>
    public CallRecord Open(long startUnixNs)
    {
        if (_count >= options.MaxOpenCalls)
        {
            counters.ShedCalls++;
            Finish(_oldest!, CallStatus.Unpaired, startUnixNs);
        }

        CallRecord call = _spare.TryPop(out CallRecord? spare) ? spare : new(budget, options.MaxPayloadBytes);
        call.StartUnixNs = startUnixNs;
        call.Older = _newest;
        _oldest ??= call;
        if (_newest is not null)
        {
            _newest.Newer = call;
        }

        _newest = call;
        _count++;
        return call;
    }

    /// <summary>Makes the call findable beyond its own HTTP exchange.</summary>
    public void Index(CallRecord call, ulong scope)
    {
        if (call.Id.IsValue && scope != 0)
        {
            call.Scope = scope;
            _byId[(scope, call.FromServer, call.Id)] = call;
        }
    }

    /// <summary>All that the request says of the call is in its record.</summary>
    public void Opened(CallRecord call) => sink.OnOpened(call);

    public CallRecord? Find(ulong scope, bool fromServer, JsonRpcId id) =>
        scope != 0 && id.IsValue && _byId.TryGetValue((scope, fromServer, id), out CallRecord? call) ? call : null;

    /// <summary>Reports the call and takes its record back, unless the sink keeps it.</summary>
    public void Finish(CallRecord call, CallStatus status, long now)
    {
        if (call.Scope != 0 && _byId.Remove((call.Scope, call.FromServer, call.Id), out CallRecord? indexed) && indexed != call)
        {
            _byId[(call.Scope, call.FromServer, call.Id)] = indexed; // a later call took the id
        }

        call.Exchange?.Calls.Remove(call);
        Unlink(call);
        call.Status = status;
        call.DurationNs = Math.Max(0, now - call.StartUnixNs);
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

    /// <summary>Gives up calls that wait for too long. A subscription's answer is its end, so it may last.</summary>
    public void Tick(long now)
    {
        for (CallRecord? at = _oldest; at is not null && at.StartUnixNs + _timeoutNs < now;)
        {
            CallRecord? newer = at.Newer;
            if (at.Method != "subscriptions/listen" || at.Exchange is null)
            {
                Finish(at, CallStatus.Timeout, now);
            }

            at = newer;
        }
    }

    public void Flush(long now)
    {
        while (_oldest is not null)
        {
            Finish(_oldest, CallStatus.Unpaired, now);
        }
    }

    private void Unlink(CallRecord call)
    {
        if (call.Older is not null)
        {
            call.Older.Newer = call.Newer;
        }

        if (call.Newer is not null)
        {
            call.Newer.Older = call.Older;
        }

        _oldest = _oldest == call ? call.Newer : _oldest;
        _newest = _newest == call ? call.Older : _newest;
        call.Older = call.Newer = null;
        _count--;
    }
}
