using Ocx.Mcp.Records;

namespace Ocx.NodeAgent.Calls;

/// <summary>
/// What wants to know of each call that is over: the seam between the understanding of calls and all that counts,
/// exports or judges them. Its methods run on the thread that follows the calls, one at a time, and do not block: what
/// may wait has a bounded queue of its own.
/// </summary>
internal interface ICallObserver
{
    /// <summary>
    /// A request is complete and waits for its answer: what the record will say of the answer is still empty, and the
    /// ends are not named yet. The record is lent and not to be kept.
    /// </summary>
    void OnOpened(CallRecord call) { }

    /// <summary>
    /// The first byte of a call's answer passed at that time, in nanoseconds since the Unix epoch; see
    /// <see cref="IMcpSink.OnAnswering"/>. The record is lent and not to be kept.
    /// </summary>
    void OnAnswering(CallRecord call, long unixNs) { }

    /// <summary>A call is over. The record is lent: copy what must outlive this method.</summary>
    void OnCall(CallRecord call);

    /// <summary>A connection was seen that cannot be read.</summary>
    void OnUnreadable(in UnreadableConnection connection) { }

    /// <summary>What came together is over: what was held back to be handed on in one piece should go.</summary>
    void EndOfBatch() { }
}
