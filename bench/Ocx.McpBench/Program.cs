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
var rates = new List<double>();
long allocated = 0;
for (int round = 0; round < Rounds; round++)
{
    var sink = new CountingSink();
    var tracker = new McpTracker(new McpOptions(), sink);
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
    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    allocated = GC.GetAllocatedBytesForCurrentThread() - before;
    if (sink.Ok != Calls)
    {
        Console.Error.WriteLine($"found {sink.Ok} of {Calls} calls");
        return 1;
    }

    rates.Add(session.Segments.Count / seconds);
}

rates.Sort();
double rate = rates[Rounds / 2];
double bytesPerMessage = (double)session.Bytes / session.Segments.Count, allocatedPerMessage = (double)allocated / session.Segments.Count;
double? peer = Tshark.MessagesPerSecond(session);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
    calls from memory, one core   {rate,12:N0} messages/s   {rate * bytesPerMessage / 1e6,8:N0} MB/s   {allocatedPerMessage:N1} B allocated/message
    tshark, same packets          {peer ?? double.NaN,12:N0} messages/s   ratio {rate / peer ?? double.NaN:N1}
    """));
if (args is [var output])
{
    using FileStream file = File.Create(output);
    using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
    writer.WriteStartArray();
    writer.WriteStartObject();
    writer.WriteString("name", "mcp-calls-from-memory");
    writer.WriteNumber("payloadBytes", (int)bytesPerMessage);
    writer.WriteNumber("nsPerMessage", 1e9 / rate);
    writer.WriteNumber("messagesPerSecond", rate);
    writer.WriteNumber("megabytesPerSecond", rate * bytesPerMessage / 1e6);
    writer.WriteNumber("allocatedBytesPerMessage", allocatedPerMessage);
    if (peer is { } peerRate)
    {
        writer.WriteNumber("tsharkMessagesPerSecond", peerRate);
        writer.WriteNumber("ratioToPeer", rate / peerRate);
    }

    writer.WriteEndObject();
    writer.WriteEndArray();
}

return 0;

internal sealed class CountingSink : IMcpSink
{
    public int Ok { get; private set; }

    public void OnCall(CallRecord record) => Ok += record.Status == CallStatus.Ok && record.Name == "search_documents" ? 1 : 0;

    public void OnUnreadable(in UnreadableConnection connection)
    {
    }
}
