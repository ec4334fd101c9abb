// Calls through reassembly, HTTP, JSON-RPC, pairing and redaction, from memory on one core; beside it tshark on the same packets.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ocx.Mcp.Calls;
using Ocx.Mcp.Tcp;
using Ocx.McpBench;

const int Calls = 50_000;
const int Rounds = 7;
var session = new Session(Calls);
double? peer = Tshark.MessagesPerSecond(session);
double bytesPerMessage = (double)session.Bytes / session.Segments.Count;
var rows = new List<(string Name, double Rate, double Allocated)>
{
    Measure("mcp-calls-full-payload", PayloadMode.Full),
    Measure("mcp-calls-metadata", PayloadMode.Metadata),
};
foreach ((string name, double rate, double allocated) in rows)
{
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-24} {rate,10:N0} messages/s {rate * bytesPerMessage / 1e6,6:N0} MB/s {allocated,6:N1} B/message, {rate / peer ?? double.NaN:N1} times tshark"));
}

if (args is [var output])
{
    using FileStream file = File.Create(output);
    using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
    writer.WriteStartArray();
    foreach ((string name, double rate, double allocated) in rows)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteNumber("payloadBytes", (int)bytesPerMessage);
        writer.WriteNumber("messagesPerSecond", rate);
        writer.WriteNumber("megabytesPerSecond", rate * bytesPerMessage / 1e6);
        writer.WriteNumber("allocatedBytesPerMessage", allocated);
        if (peer is { } peerRate)
        {
            writer.WriteNumber("tsharkMessagesPerSecond", peerRate);
            writer.WriteNumber("ratioToPeer", rate / peerRate);
        }

        writer.WriteEndObject();
    }

    writer.WriteEndArray();
}

return 0;

// The median of the rounds; every call must be found.
(string Name, double Rate, double Allocated) Measure(string name, PayloadMode payload)
{
    double[] rates = new double[Rounds];
    long allocated = 0;
    for (int round = 0; round < Rounds; round++)
    {
        var sink = new CountingSink();
        var tracker = new McpTracker(new McpOptions { Payload = payload }, sink);
        long before = GC.GetAllocatedBytesForCurrentThread(), now = 1_700_000_000_000_000_000;
        long start = Stopwatch.GetTimestamp();
        foreach (Segment segment in session.Segments)
        {
            tracker.Accept(new TcpSegment
            {
                TimestampUnixNs = now += 10_000,
                Source = segment.Source,
                Destination = segment.Destination,
                Sequence = segment.Sequence,
                Acknowledgment = segment.Acknowledgment,
                Flags = TcpFlags.Ack,
                Length = segment.Payload.Length,
                Payload = segment.Payload,
            });
        }

        tracker.Flush(now);
        rates[round] = session.Segments.Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (sink.Ok != Calls)
        {
            throw new InvalidOperationException($"found {sink.Ok} of {Calls} calls");
        }
    }

    Array.Sort(rates);
    return (name, rates[Rounds / 2], (double)allocated / session.Segments.Count);
}

internal sealed class CountingSink : IMcpSink
{
    public int Ok { get; private set; }

    public void OnCall(CallRecord record) => Ok += record.Status == CallStatus.Ok && record.Name == "search_documents" ? 1 : 0;

    public void OnUnreadable(in UnreadableConnection connection)
    {
    }
}
