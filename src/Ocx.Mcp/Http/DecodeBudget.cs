namespace Ocx.Mcp.Http;

/// <summary>
/// The work that decoding may make each second, over all connections of a tracker. One thread owns it.
/// </summary>
internal sealed class DecodeBudget(DecodingOptions options)
{
    private readonly long _reserve = options.BytesPerSecond / 2;
    private TokenBucket _bucket = new(options.BytesPerSecond, options.BytesPerSecond);

    public DecodingOptions Options => options;

    /// <summary>The capture's clock, in nanoseconds since the Unix epoch.</summary>
    public long NowUnixNs { get; set; }

    /// <summary>Bytes decoded since the start.</summary>
    public long Decoded { get; private set; }

    /// <summary>Charges bytes that were decoded; false when there were too many of them.</summary>
    /// <param name="bytes">The decoded bytes.</param>
    /// <param name="ordinary">They lie within the ordinary ratio, so that the reserve is for them.</param>
    public bool TryTake(int bytes, bool ordinary)
    {
        Decoded += bytes;
        _bucket.Fill(NowUnixNs);
        return _bucket.TryTake(bytes, ordinary ? 0 : _reserve);
    }
}

/// <summary>
/// The same of one connection: each coded byte that comes allows for some decoded ones, and a burst for more.
/// </summary>
internal sealed class DecodeAllowance(DecodeBudget budget)
{
    private TokenBucket _burst = new(budget.Options.ConnectionBurstBytes, budget.Options.ConnectionBytesPerSecond);
    private long _ordinary;

    public DecodingOptions Options => budget.Options;

    /// <summary>Coded bytes came. What they allow for and do not use is not saved up without end.</summary>
    public void Credit(int codedBytes) =>
        _ordinary = Math.Min(Options.MaxMessageBytes, _ordinary + ((long)codedBytes * Options.OrdinaryRatio));

    /// <summary>Charges bytes that were decoded; false when there were too many of them.</summary>
    public bool TryTake(int decodedBytes)
    {
        if (decodedBytes <= _ordinary)
        {
            _ordinary -= decodedBytes;
            return budget.TryTake(decodedBytes, ordinary: true);
        }

        long beyond = decodedBytes - _ordinary;
        _ordinary = 0;
        _burst.Fill(budget.NowUnixNs);
        return budget.TryTake(decodedBytes, ordinary: false) & _burst.TryTake(beyond);
    }
}
