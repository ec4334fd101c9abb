namespace Ocx.Gate.Rules;

/// <summary>
/// The queues of a namespace. The kernel picks one by the two addresses of a packet, whichever way it goes, so all
/// connections between a client and the server are one queue's.
/// </summary>
/// <param name="First">The first one's number.</param>
/// <param name="Count">How many there are, at least one.</param>
internal readonly record struct QueueRange(ushort First, int Count)
{
    /// <summary>The last one's number.</summary>
    public int Last => First + Count - 1;
}
