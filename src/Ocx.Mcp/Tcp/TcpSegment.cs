namespace Ocx.Mcp.Tcp;

/// <summary>
/// One captured TCP segment. The payload is lent for the duration of the call that takes the segment.
/// </summary>
public readonly ref struct TcpSegment
{
    /// <summary>
    /// When it passed the tap by the time of day, in nanoseconds since the Unix epoch: what records show.
    /// </summary>
    public required long TimestampUnixNs { get; init; }

    /// <summary>
    /// The same moment by a clock that no one sets, in nanoseconds: durations and time-outs go by it. A capture file
    /// knows only the time of day, which then stands for it.
    /// </summary>
    public long MonotonicNs
    {
        get => field != 0 ? field : TimestampUnixNs;
        init;
    }

    /// <summary>Who sent it.</summary>
    public required IpEndpoint Source { get; init; }

    /// <summary>To whom.</summary>
    public required IpEndpoint Destination { get; init; }

    /// <summary>
    /// The header's sequence number: that of the first payload byte (with SYN, of the byte before it).
    /// </summary>
    public required uint Sequence { get; init; }

    /// <summary>
    /// The next byte that the sender awaits from the other side; read only with <see cref="TcpFlags.Ack"/>.
    /// </summary>
    public uint Acknowledgment { get; init; }

    /// <summary>The control bits.</summary>
    public TcpFlags Flags { get; init; }

    /// <summary>Payload bytes on the wire.</summary>
    public required int Length { get; init; }

    /// <summary>The captured payload; shorter than <see cref="Length"/> when the snap length cut it.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The segment as if it were seen under this key, sent by its low end (0) or its high one.</summary>
    internal TcpSegment Under(in ConnectionKey key, int sender) =>
        sender == 0
            ? this with
            {
                Source = key.Low,
                Destination = key.High,
            }
            : this with
            {
                Source = key.High,
                Destination = key.Low,
            };
}
