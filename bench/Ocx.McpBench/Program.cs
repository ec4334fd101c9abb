// Calls through reassembly, HTTP, JSON-RPC, pairing and redaction, from memory on one core; beside it tshark on the
// same packets, and single steps of it alone.
using System.Globalization;
using System.Text.Json;
using Ocx.Mcp.Pairing;
using Ocx.McpBench;

const int Calls = 50_000;
const int Rounds = 5;
var session = new Session(Calls);
var parts = new Parts();
using var tshark = new Tshark(session);
PayloadMode[] modes = [PayloadMode.Full, PayloadMode.Metadata];
var measured = modes.ToDictionary(mode => mode, _ => new List<(double Rate, double Allocated)>());
var peerRates = new List<double>();
var times = parts.All.ToDictionary(part => part.Name, _ => new List<double>());

// In turn, so that what else the machine does meets all alike. The first round fills the pools and does not count.
for (int round = 0; round <= Rounds; round++)
{
    foreach (PayloadMode mode in modes)
    {
        measured[mode].Add(Whole.Measure(session, mode));
    }

    foreach ((string name, Action pass) in parts.All)
    {
        times[name].Add(parts.Measure(pass));
    }

    if (round > 0 && tshark.MessagesPerSecond() is { } peerRound)
    {
        peerRates.Add(peerRound);
    }
}

double? peer = peerRates.Count > 0 ? Median(peerRates) : null;
double bytesPerMessage = (double)session.Bytes / session.Segments.Length;
var rows = modes
    .Select(mode =>
        (
            Name: mode == PayloadMode.Full ? "mcp-calls-full-payload" : "mcp-calls-metadata",
            Rate: Median(measured[mode].Skip(1).Select(round => round.Rate)),
            Allocated: Median(measured[mode].Skip(1).Select(round => round.Allocated))
        )
    )
    .ToList();
Print($"{"tshark", -24} {peer ?? double.NaN, 10:N0} messages/s");
foreach ((string name, double rate, double allocated) in rows)
{
    string ratio = string.Create(CultureInfo.InvariantCulture, $"{rate / peer ?? double.NaN:N1} times tshark");
    double megabytes = rate * bytesPerMessage / 1e6;
    Print($"{name, -24} {rate, 10:N0} messages/s {megabytes, 6:N0} MB/s {allocated, 6:N1} B/message, {ratio}");
}

foreach ((string name, _) in parts.All)
{
    Print($"{name, -44} {Median(times[name].Skip(1)), 6:N0} ns/message");
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

    foreach ((string name, _) in parts.All)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteNumber("nanosecondsPerMessage", Median(times[name].Skip(1)));
        writer.WriteEndObject();
    }

    writer.WriteEndArray();
}

return 0;

static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

static double Median(IEnumerable<double> values)
{
    double[] sorted = [.. values.Order()];
    return sorted[sorted.Length / 2];
}
