using Ocx.Audit.Wire;

namespace Ocx.NodeAgent.Auditing;

/// <summary>Messages that never reached the auditor, of one kind of loss. Used under its owner's lock.</summary>
internal readonly record struct ShedMessages(ulong Opened, ulong Answering, ulong Closed)
{
    /// <summary>All of them.</summary>
    public ulong Total => Opened + Answering + Closed;

    /// <summary>With one message more.</summary>
    public ShedMessages With(AgentMessage lost) =>
        lost.BodyCase switch
        {
            AgentMessage.BodyOneofCase.Opened => this with { Opened = Opened + 1 },
            AgentMessage.BodyOneofCase.Answering => this with { Answering = Answering + 1 },
            AgentMessage.BodyOneofCase.Closed => this with { Closed = Closed + 1 },
            _ => this,
        };

    /// <summary>As the auditor is told of it.</summary>
    public LostCount ToLost(LostReason reason) =>
        new()
        {
            Reason = reason,
            Opened = Opened,
            Answering = Answering,
            Closed = Closed,
        };
}

/// <summary>What became of messages to the auditor since the start.</summary>
/// <param name="Taken">Those about calls that it acknowledged.</param>
/// <param name="Full">Those that found the queue full: the auditor is away or too slow.</param>
/// <param name="Refused">Those that it did not take.</param>
/// <param name="Stopped">Those that were not acknowledged when the agent stopped.</param>
/// <param name="Waiting">Those that wait for it now, bytes in memory.</param>
internal readonly record struct AuditCounts(
    ulong Taken,
    ShedMessages Full,
    ShedMessages Refused,
    ShedMessages Stopped,
    long Waiting
)
{
    /// <summary>All that it will never get.</summary>
    public ulong Shed => Full.Total + Refused.Total + Stopped.Total;
}
