namespace Ocx.Mcp.Http;

/// <summary>
/// The bounds on decoding content codings (gzip, deflate, br, zstd), so that few bytes on the wire cannot make much
/// work. JSON compresses 5 to 50 times, so ordinary traffic comes near none of them.
/// </summary>
public sealed record DecodingOptions
{
    /// <summary>
    /// Decoded bytes of one message: a body, or one event of a stream. What is longer is given up there.
    /// </summary>
    public long MaxMessageBytes { get; init; } = 64 << 20;

    /// <summary>Decoded bytes that each coded byte may become before a connection's burst is drawn on.</summary>
    public int OrdinaryRatio { get; init; } = 64;

    /// <summary>Decoded bytes beyond the ordinary ratio that a connection may make at once.</summary>
    public long ConnectionBurstBytes { get; init; } = 8 << 20;

    /// <summary>Bytes by which a connection's burst is filled again each second.</summary>
    public long ConnectionBytesPerSecond { get; init; } = 1 << 20;

    /// <summary>
    /// Decoded bytes a second of all connections together. Half of it is kept for what stays within the ordinary ratio.
    /// </summary>
    public long BytesPerSecond { get; init; } = 128 << 20;
}
