namespace Ocx.Mcp.Pairing;

/// <summary>The task that a call became, or is about.</summary>
/// <param name="key">By what it is found.</param>
/// <param name="ofAnyServer">By what else.</param>
internal sealed class CallTask(in TaskKey key, in TaskKey ofAnyServer)
{
    public TaskKey Key { get; } = key;

    public TaskKey OfAnyServer { get; } = ofAnyServer;

    /// <summary>The call became it, and is over when it is.</summary>
    public bool IsCall { get; set; }

    /// <summary>When it was last heard of, by the monotonic clock.</summary>
    public long LastSeenNs { get; set; }

    /// <summary>The bytes that are counted for its call among those of all tasks.</summary>
    public long Bytes { get; set; }
}
