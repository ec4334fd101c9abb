
using Ocx.Mcp.Records;

namespace Ocx.NodeAgent.Calls;

/// <summary>
/// What wants to know of each call that is over: the seam between the understanding of calls and all that counts, exports or judges them.
/// Its methods run on the thread that follows the calls, one at a time, and do not block: what may wait has a bounded queue of its own.
/// </summary>
internal interface ICallObserver
{
    /// <summary>A call is over. The record is lent: copy what must outlive this method.</summary>
    void OnCall(CallRecord call);

    /// <summary>A connection was seen that cannot be read.</summary>
    void OnUnreadable(in UnreadableConnection connection)
    {
    }
}
