using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Ocx.Cli.Calls;

namespace Ocx.Cli.Record;

/// <summary>A captured segment, read from a line of an agent's <c>--events json</c> (docs/agent.md).</summary>
/// <param name="UnixNs">When it passed, in nanoseconds since the Unix epoch.</param>
/// <param name="Source">Who sent it.</param>
/// <param name="Destination">To whom.</param>
/// <param name="Sequence">The sequence number of its first byte.</param>
/// <param name="Length">Its payload's length on the wire.</param>
/// <param name="Payload">What was captured of that.</param>
internal sealed record RecordedSegment(long UnixNs, IPEndPoint Source, IPEndPoint Destination, uint Sequence, int Length, byte[] Payload)
{
    private const int LongestPayload = 1 << 20;

    /// <summary>Reads a line; null when it is something else.</summary>
    public static RecordedSegment? TryParse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement segment = document.RootElement;
            if (segment.ValueKind != JsonValueKind.Object || !TryReadTime(segment.Text("timestamp"), out long time)
                || ReadEndpoint(segment, "source") is not { } source || ReadEndpoint(segment, "destination") is not { } destination
                || source.AddressFamily != destination.AddressFamily
                || !segment.TryGetProperty("seq", out JsonElement number) || !number.TryGetUInt32(out uint sequence))
            {
                return null;
            }

            byte[] payload = segment.TryGetProperty("payloadBase64", out JsonElement coded) ? coded.GetBytesFromBase64() : Encoding.UTF8.GetBytes(segment.Text("payload"));
            long length = segment.Number("length");
            return length < payload.Length || length > LongestPayload ? null : new RecordedSegment(time, source, destination, sequence, (int)length, payload);
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IPEndPoint? ReadEndpoint(JsonElement segment, string member) =>
        segment.TryGetProperty(member, out JsonElement end) && end.ValueKind == JsonValueKind.Object
        && IPAddress.TryParse(end.Text("address"), out IPAddress? address) && end.Number("port") is var port and >= 0 and <= 65535
            ? new IPEndPoint(address, (int)port) : null;

    // Nine digits of a second: the platform's own types keep seven.
    private static bool TryReadTime(string text, out long unixNs)
    {
        unixNs = 0;
        if (text.Length != 30 || !long.TryParse(text.AsSpan(20, 9), NumberStyles.None, CultureInfo.InvariantCulture, out long fraction)
            || !DateTime.TryParseExact(text.AsSpan(0, 19), "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime second)
            || second < DateTime.UnixEpoch || second.Year > 2200)
        {
            return false;
        }

        unixNs = ((second - DateTime.UnixEpoch).Ticks * 100) + fraction;
        return true;
    }
}
