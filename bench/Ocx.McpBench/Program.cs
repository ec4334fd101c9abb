// Calls through reassembly, HTTP, JSON-RPC, pairing and redaction, from memory on one core; beside it tshark on the
// same packets.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ocx.Mcp;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.McpBench;

const int Calls = 50_000;
const int Rounds = 5;
const int PassesPerRound = 5;
var session = new Session(Calls);
using var tshark = new Tshark(session);
PayloadMode[] modes = [PayloadMode.Full, PayloadMode.Metadata];
var measured = modes.ToDictionary(mode => mode, _ => new List<(double Rate, double Allocated)>());
var peerRates = new List<double>();
foreach (PayloadMode mode in modes)
{
    Measure(mode); // compiles and fills the pools
}

// In turn, so that what else the machine does meets all alike.
for (int round = 0; round < Rounds; round++)
{
    foreach (PayloadMode mode in modes)
    {
        measured[mode].Add(Measure(mode));
    }

    if (tshark.MessagesPerSecond() is { } peerRound)
    {
        peerRates.Add(peerRound);
    }
}

double? peer = peerRates.Count > 0 ? Median(peerRates) : null;
double bytesPerMessage = (double)session.Bytes / session.Segments.Count;
var rows = modes
    .Select(mode =>
        (
            Name: mode == PayloadMode.Full ? "mcp-calls-full-payload" : "mcp-calls-metadata",
            Rate: Median(measured[mode].Select(round => round.Rate)),
            Allocated: Median(measured[mode].Select(round => round.Allocated))
        )
    )
    .ToList();
Console.WriteLine(
    string.Create(CultureInfo.InvariantCulture, $"{"tshark", -24} {peer ?? double.NaN, 10:N0} messages/s")
);
foreach ((string name, double rate, double allocated) in rows)
{
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name, -24} {rate, 10:N0} messages/s {rate * bytesPerMessage / 1e6, 6:N0} MB/s {allocated, 6:N1} "
                + $"B/message, {rate / peer ?? double.NaN:N1} times tshark"
        )
    );
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

static double Median(IEnumerable<double> values)
{
    double[] sorted = [.. values.Order()];
    return sorted[sorted.Length / 2];
}

// Several passes, each with a new tracker that must find every call.
(double Rate, double Allocated) Measure(PayloadMode payload)
{
    long allocated = 0,
        ticks = 0;
    for (int pass = 0; pass < PassesPerRound; pass++)
    {
        var sink = new CountingSink();
        var tracker = new McpTracker(new McpOptions { Payload = payload }, sink);
        long before = GC.GetAllocatedBytesForCurrentThread(),
            now = 1_700_000_000_000_000_000;
        long start = Stopwatch.GetTimestamp();
        foreach (Segment segment in session.Segments)
        {
            tracker.Accept(
                new TcpSegment
                {
                    TimestampUnixNs = now += 10_000,
                    Source = segment.Source,
                    Destination = segment.Destination,
                    Sequence = segment.Sequence,
                    Acknowledgment = segment.Acknowledgment,
                    Flags = TcpFlags.Ack,
                    Length = segment.Payload.Length,
                    Payload = segment.Payload,
                }
            );
        }

        tracker.Flush(now);
        ticks += Stopwatch.GetTimestamp() - start;
        allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        if (sink.Ok != Calls)
        {
            throw new InvalidOperationException($"found {sink.Ok} of {Calls} calls");
        }
    }

    double messages = (double)session.Segments.Count * PassesPerRound;
    return (messages * Stopwatch.Frequency / ticks, allocated / messages);
}

internal sealed class CountingSink : IMcpSink
{
    public int Ok { get; private set; }

    public void OnCall(CallRecord record) =>
        Ok += record.Status == CallStatus.Ok && record.Name == "search_documents" ? 1 : 0;

    public void OnUnreadable(in UnreadableConnection connection) { }
}
