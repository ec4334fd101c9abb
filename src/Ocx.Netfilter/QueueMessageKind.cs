namespace Ocx.Netfilter;

/// <summary>What a netlink message of a queue is.</summary>
internal enum QueueMessageKind
{
    /// <summary>Nothing that is known, or its lengths are wrong.</summary>
    Unreadable,

    /// <summary>A packet that waits for a verdict.</summary>
    Packet,

    /// <summary>An error or an acknowledgment.</summary>
    Error,
}
