namespace Ocx.Mcp.Tcp;

/// <summary>
/// What takes the two reassembled byte streams of one connection. Sides are 0 (the key's low end) and 1. Times are
/// monotonic, in nanoseconds.
/// </summary>
public interface IStreamSink
{
    /// <summary>What would be lost if the connection were forgotten now.</summary>
    Worth Worth { get; }

    /// <summary>
    /// True when <paramref name="data"/> begins like a message: where a stream joined in the middle may start.
    /// </summary>
    bool IsMessageStart(ReadOnlySpan<byte> data);

    /// <summary>The next bytes of a side, in order, each byte once. The data is lent.</summary>
    void OnBytes(int side, ReadOnlySpan<byte> data, long timeNs);

    /// <summary><paramref name="missing"/> bytes of a side passed unseen; 0 when it is not known how many.</summary>
    void OnGap(int side, long missing, long timeNs);

    /// <summary>A side said that it sends no more.</summary>
    void OnEnd(int side, long timeNs);

    /// <summary>A side reset the connection; <see cref="OnClosed"/> follows, after what is still held.</summary>
    void OnReset(int side) { }

    /// <summary>The connection is gone; nothing follows.</summary>
    /// <param name="shed">
    /// True when it was given up for want of room; else it was reset, both sides ended, it was replaced or idle.
    /// </param>
    /// <param name="timeNs">When.</param>
    void OnClosed(bool shed, long timeNs);
}
