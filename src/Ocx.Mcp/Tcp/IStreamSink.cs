namespace Ocx.Mcp.Tcp;

/// <summary>What takes the two reassembled byte streams of one connection. Sides are 0 (the key's low end) and 1.</summary>
public interface IStreamSink
{
    /// <summary>True when <paramref name="data"/> begins like a message: where a stream joined in the middle may start.</summary>
    bool IsMessageStart(ReadOnlySpan<byte> data);

    /// <summary>The next bytes of a side, in order, each byte once. The data is lent.</summary>
    void OnBytes(int side, ReadOnlySpan<byte> data, long timestampUnixNs);

    /// <summary><paramref name="missing"/> bytes of a side passed unseen.</summary>
    void OnGap(int side, long missing, long timestampUnixNs);

    /// <summary>A side said that it sends no more.</summary>
    void OnEnd(int side, long timestampUnixNs);

    /// <summary>The connection is gone (reset, both ended, replaced, idle or shed); nothing follows.</summary>
    void OnClosed(long timestampUnixNs);
}
