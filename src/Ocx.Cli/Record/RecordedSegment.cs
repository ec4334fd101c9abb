using System.Net;
using System.Text;
using Ocx.Text;

namespace Ocx.Cli.Record;

/// <summary>A captured segment, read from a line of an agent's <c>--events json</c> (docs/agent.md).</summary>
/// <param name="UnixNs">When it passed, in nanoseconds since the Unix epoch.</param>
/// <param name="Source">Who sent it.</param>
/// <param name="Destination">To whom.</param>
/// <param name="Sequence">The sequence number of its first byte.</param>
/// <param name="Length">Its payload's length on the wire.</param>
/// <param name="Payload">What was captured of that.</param>
internal sealed record RecordedSegment(
    long UnixNs,
    IPEndPoint Source,
    IPEndPoint Destination,
    uint Sequence,
    int Length,
    byte[] Payload
)
{
    private const int LongestPayload = 1 << 20;

    /// <summary>Reads a line; null when it is something else.</summary>
    public static RecordedSegment? TryParse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return Read(WireObject.Parse(line.Span));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static RecordedSegment? Read(WireObject segment)
    {
        if (
            !Rfc3339.TryParse(segment.Text("timestamp"), out long time)
            || ReadEndpoint(segment.Inner("source")) is not { } source
            || ReadEndpoint(segment.Inner("destination")) is not { } destination
            || source.AddressFamily != destination.AddressFamily
            || segment.Number("seq", most: uint.MaxValue) is not { } sequence
            || segment.Number("length", most: LongestPayload) is not { } length
        )
        {
            return null;
        }

        byte[] payload = segment.Has("payloadBase64")
            ? Convert.FromBase64String(segment.Text("payloadBase64"))
            : Encoding.UTF8.GetBytes(segment.Text("payload"));
        return length < payload.Length
            ? null
            : new RecordedSegment(time, source, destination, (uint)sequence, (int)length, payload);
    }

    private static IPEndPoint? ReadEndpoint(WireObject? end) =>
        end is not null
        && IPAddress.TryParse(end.Text("address"), out IPAddress? address)
        && end.Number("port", most: IPEndPoint.MaxPort) is { } port
            ? new IPEndPoint(address, (int)port)
            : null;
}
