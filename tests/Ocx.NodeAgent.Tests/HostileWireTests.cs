using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Ocx.Mcp;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tests;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Findings;
using Ocx.NodeAgent.Output;
using Ocx.NodeAgent.Telemetry;
using Ocx.NodeProgram;
using Ocx.Text;
using Xunit;

namespace Ocx.NodeAgent.Tests;

/// <summary>
/// Whatever passes on the wire, each line of each output is one whole record, and there are as many as there were
/// calls.
/// </summary>
public sealed partial class HostileWireTests
{
    private const int Rounds = 400;

    private readonly int _seed = Random.Shared.Next();

    [Fact]
    public void Arguments_cannot_forge_a_record()
    {
        const string Forged =
            """{"start":"2026-01-01T00:00:00.000000000Z","durationNs":1"""
            + ""","method":"tools/call","name":"innocent","status":"ok"}""";
        var told = new Told();
        told.Exchange(
            Http(
                "POST /mcp HTTP/1.1",
                """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"guilty","arguments":"""
                    + $$$"""[{{{"\n" + Forged + "\n"}}}]}}"""
            ),
            Http("HTTP/1.1 200 OK", $$$"""{"jsonrpc":"2.0","id":1,"result":{"content":[{{{"\n" + Forged + "\n"}}}]}}""")
        );

        string line = Assert.Single(told.Lines(told.Json));
        JsonElement call = JsonDocument.Parse(line).RootElement;
        Assert.Equal("guilty", call.GetProperty("name").GetString());
        Assert.Equal("innocent", call.GetProperty("arguments")[0].GetProperty("name").GetString());
        Assert.Equal("innocent", call.GetProperty("result").GetProperty("content")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void What_was_cut_is_text_and_says_so()
    {
        var told = new Told();
        told.Exchange(
            Http(
                "POST /mcp HTTP/1.1",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"arguments\":[\n\""
                    + new string('x', 9000)
                    + "\"]}}"
            ),
            Http("HTTP/1.1 200 OK", """{"jsonrpc":"2.0","id":1,"result":{"a":"…"}}""")
        );

        JsonElement call = JsonDocument.Parse(Assert.Single(told.Lines(told.Json))).RootElement;
        Assert.EndsWith("x…", call.GetProperty("arguments").GetString(), StringComparison.Ordinal);
        Assert.True(call.GetProperty("argumentsCut").GetBoolean());
        Assert.Equal("…", call.GetProperty("result").GetProperty("a").GetString());
        Assert.False(call.TryGetProperty("resultCut", out _));
    }

    [Fact]
    public void Whatever_names_and_values_say_each_line_is_one_record()
    {
        var random = new Random(_seed);
        var told = new Told();
        for (int round = 0; round < Rounds; round++)
        {
            string method =
                random.Next(3) == 0 ? HostileText.Name(random)
                : random.Next(2) == 0 ? "tools/call"
                : "prompts/get";
            string name = HostileText.Name(random);
            string request =
                $$$"""{"jsonrpc":"2.0","id":{{{round}}},"method":"{{{method}}}","params":"""
                + $$$"""{"name":"{{{name}}}","uri":"{{{name}}}","arguments":{{{HostileText.Value(random)}}}"""
                + $$$""","clientInfo":{"name":"{{{name}}}","version":"{{{name}}}"}"""
                + $$$""","protocolVersion":"{{{name}}}"}}""";
            string answer = random.Next(4) switch
            {
                0 => $$$"""{"jsonrpc":"2.0","id":{{{round}}},"error":{"code":{{{random.Next()}}}"""
                    + $$$""","message":"{{{HostileText.Name(random)}}}","data":{{{HostileText.Value(random)}}}}}""",
                1 => $$$"""{"jsonrpc":"2.0","id":{{{round}}},"result":{"serverInfo":"""
                    + $$$"""{"name":"{{{name}}}","version":"{{{name}}}"},"tools":"""
                    + $$$"""[{"name":"{{{name}}}","description":"{{{name}}}"}]}}""",
                _ => $$$"""{"jsonrpc":"2.0","id":{{{round}}},"result":{{{HostileText.Value(random)}}}}""",
            };
            byte[] head = Encoding.UTF8.GetBytes(
                $"Mcp-Session-Id: {HostileText.Name(random)}\r\ntracestate: {HostileText.Name(random)}\r\n"
                    + $"Origin: http://{HostileText.Name(random)}\r\nMcp-Method: {method}\r\nMcp-Name: {name}"
            );
            told.Exchange(
                Http(
                    "POST /mcp HTTP/1.1",
                    HostileText.Spoil(Encoding.UTF8.GetBytes(request), random),
                    HostileText.Spoil(head, random)
                ),
                Http("HTTP/1.1 200 OK", HostileText.Spoil(Encoding.UTF8.GetBytes(answer), random))
            );
        }

        told.Finish();
        Assert.True(told.Records > Rounds / 4, $"seed {_seed}: only {told.Records} calls of {Rounds} were read");
        Check(told);
    }

    [Theory]
    [InlineData("ts-streamable")]
    [InlineData("ts-sse")]
    [InlineData("cs-2.4-latest-stateless")]
    public void Real_conversations_that_are_spoiled_make_whole_lines(string capture)
    {
        var random = new Random(_seed);
        var told = new Told();
        long records = 0;
        for (int round = 0; round < 10; round++)
        {
            foreach (byte[] packet in Captures.Packets(capture))
            {
                Captures.Read(
                    packet,
                    (in TcpSegment segment) =>
                        told.Segment(segment, HostileText.Spoil(segment.Payload.ToArray(), random))
                );
            }

            told.Finish();
            Assert.True(told.Records > records, $"seed {_seed}: no call of round {round}");
            records = told.Records;
            told.Rest(TimeSpan.FromMinutes(1)); // right away it would be a late copy of connections that have ended
        }

        Check(told);
    }

    [Fact]
    public void Whatever_a_segment_holds_its_block_and_its_object_are_whole()
    {
        var random = new Random(_seed);
        using var owners = new SocketOwners();
        var json = new JsonSegmentFormatter(new InterfaceNames(), owners, new MonotonicClock());
        var text = new TextSegmentFormatter(new InterfaceNames(), owners, new MonotonicClock());
        for (int round = 0; round < Rounds; round++)
        {
            byte[] payload = HostileText.Spoil(
                Encoding.UTF8.GetBytes(HostileText.Name(random) + HostileText.Value(random)),
                random
            );
            var output = new ArrayBufferWriter<byte>();
            json.Format(CapturedSegment.Read(Records.Ipv4(payload)), output);
            AssertPlainLines(output, 1);
            _ = JsonDocument.Parse(output.WrittenMemory);

            output.Clear();
            text.Format(CapturedSegment.Read(Records.Ipv4(payload)), output);
            string[] lines = AssertPlainLines(output, 9);
            Assert.Equal("Intercepted MCP Traffic:", lines[0]);
            Assert.All(lines[1..8], line => Assert.StartsWith("  ", line, StringComparison.Ordinal));
            Assert.Empty(lines[8]);
        }
    }

    private void Check(Told told)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {_seed}");
        string[] json = told.Lines(told.Json),
            people = told.Lines(told.People);
        Assert.Equal((told.Records, told.Records), (json.Length, people.Length));
        Assert.All(json, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
        Assert.All(people, line => Assert.Matches(PersonLine(), line));
        Assert.All(told.Attributes, AssertPlain);

        string[] metrics = told.MetricsText().TrimEnd('\n').Split('\n');
        Assert.All(metrics, line => Assert.Matches(MetricLine(), line));
        Assert.All(metrics, AssertPlain);
        Assert.Equal(
            told.Records,
            metrics
                .Where(line => line.StartsWith("ocx_agent_calls_total{", StringComparison.Ordinal))
                .Sum(line => long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture))
        );
        Assert.All(told.Tally.Snapshot().BusiestTools ?? [], tool => AssertPlain(tool.Name));

        Assert.NotEmpty(told.Findings.Newest() ?? []);
        Assert.All(told.Findings.Newest()!, finding => AssertPlain(finding.Message + finding.Server));
        string[] text = told.Log.Text.TrimEnd('\n').Split('\n'),
            compact = told.Log.Compact.TrimEnd('\n').Split('\n');
        Assert.All(text, line => Assert.Matches(LogLine(), line));
        Assert.All(text, AssertPlain);
        Assert.Equal(text.Length, compact.Length);
        Assert.All(
            compact,
            line =>
                Assert.Contains(
                    "Finding",
                    JsonDocument.Parse(line).RootElement.GetProperty("@m").GetString(),
                    StringComparison.Ordinal
                )
        );
    }

    private static string[] AssertPlainLines(ArrayBufferWriter<byte> output, int count)
    {
        string text = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.Equal(output.WrittenCount, Encoding.UTF8.GetByteCount(text));
        string[] lines = text.Split('\n');
        Assert.Equal((count, string.Empty), (lines.Length - 1, lines[^1]));
        Assert.All(lines, AssertPlain);
        return lines[..^1];
    }

    private static void AssertPlain(string text) =>
        Assert.True(text.EnumerateRunes().All(WireText.IsPlain) && !text.Any(c => char.IsControl(c)), text);

    private static byte[] Http(string start, string body) =>
        Http(start, Encoding.UTF8.GetBytes(body), "X: y"u8.ToArray());

    private static byte[] Http(string start, byte[] body, byte[]? header = null) =>
        [
            .. Encoding.UTF8.GetBytes(
                $"{start}\r\nHost: mcp\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n"
            ),
            .. header ?? "X: y"u8.ToArray(),
            .. "\r\n\r\n"u8,
            .. body,
        ];

    // A word, or one or more between quotes.
    [GeneratedRegex(
        @"^[0-9:.]{12} [0-9.:]+ → [0-9.:]+ (?:(?:'(?:[^'\\]|\\.)*'|[^\s']+) ){1,2}"
            + @"[0-9.]+ms [a-z_]+(?:\(-?[0-9]+\))? [0-9]+ B → [0-9]+ B(?: [a-z]+)?$"
    )]
    private static partial Regex PersonLine();

    // Prometheus' text format 0.0.4.
    [GeneratedRegex(
        @"^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+"
            + @"(?:\{[a-z_]+=""(?:[^""\\]|\\[\\""n])*""(?:,[a-z_]+=""(?:[^""\\]|\\[\\""n])*"")*\})? [0-9.E+-]+)$"
    )]
    private static partial Regex MetricLine();

    [GeneratedRegex(@"^[0-9-]+ [0-9:.]+ \[WRN\] Finding [a-z_]+ at .+$")]
    private static partial Regex LogLine();

    /// <summary>Everything that the agent tells of calls, from the real tracker.</summary>
    private sealed class Told : IMcpSink
    {
        private readonly McpTracker _tracker;
        private readonly ICallObserver[] _observers;
        private readonly CallMetrics _metrics = new();
        private int _port = 40_000;
        private long _now = 1_700_000_000_000_000_000;

        public Told()
        {
            _tracker = new McpTracker(new McpOptions { HashTools = true }, this);
            Findings = new FindingLog(Log);
            _observers = [_metrics, Tally, Findings];
        }

        public ArrayBufferWriter<byte> Json { get; } = new();

        public ArrayBufferWriter<byte> People { get; } = new();

        public CallTally Tally { get; } = new();

        public WrittenLog Log { get; } = new();

        public FindingLog Findings { get; }

        public List<string> Attributes { get; } = [];

        public long Records { get; private set; }

        public void Exchange(byte[] request, byte[] answer)
        {
            var wire = new Wire(_port++);
            foreach (Sent sent in wire.Open().Send(true, request).Send(false, answer).Close().Log)
            {
                _tracker.Accept(wire.At(sent, _now += 1000));
            }
        }

        public void Segment(in TcpSegment segment, byte[] payload) =>
            _tracker.Accept(
                new TcpSegment
                {
                    TimestampUnixNs = _now += 1000,
                    Source = segment.Source,
                    Destination = segment.Destination,
                    Sequence = segment.Sequence,
                    Acknowledgment = segment.Acknowledgment,
                    Flags = segment.Flags,
                    Length = segment.Length,
                    Payload = payload,
                }
            );

        public void Finish() => _tracker.Flush(_now);

        public void Rest(TimeSpan time) => _now += (long)time.TotalNanoseconds;

        public string[] Lines(ArrayBufferWriter<byte> output) => AssertPlainLines(output, (int)Records);

        public string MetricsText()
        {
            var text = new MetricsText(openMetrics: false);
            _metrics.Render(text);
            Findings.Render(text);
            return text.ToString();
        }

        public void OnCall(CallRecord record)
        {
            Records++;
            CallLine.WriteJson(Json, record);
            CallLine.WriteForPeople(People, record);
            foreach (ICallObserver observer in _observers)
            {
                observer.OnCall(record);
            }

            var attributes = new List<KeyValuePair<string, object?>>();
            CallAttributes.Describe(record, attributes);
            CallAttributes.AddPayload(record, attributes);
            Attributes.Add(CallAttributes.SpanName(record));
            Attributes.AddRange(attributes.Select(each => $"{each.Key}={each.Value}"));
        }

        public void OnUnreadable(in UnreadableConnection connection) { }
    }

    /// <summary>What the agent's two forms of log make of each finding.</summary>
    private sealed class WrittenLog : ILogger<FindingLog>
    {
        private static readonly Lock s_console = new();

        public string Text { get; private set; } = string.Empty;

        public string Compact { get; private set; } = string.Empty;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            Text += Write(LogFormat.Text, logger => logger.Log(logLevel, eventId, state, exception, formatter));
            Compact += Write(LogFormat.Json, logger => logger.Log(logLevel, eventId, state, exception, formatter));
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        private static string Write(LogFormat format, Action<ILogger> log)
        {
            lock (s_console)
            {
                TextWriter before = Console.Error;
                using var written = new StringWriter { NewLine = "\n" };
                try
                {
                    Console.SetError(written);
                    using ILoggerFactory loggers = Logging.Create(LogLevel.Information, format);
                    log(loggers.CreateLogger("test"));
                }
                finally
                {
                    Console.SetError(before);
                }

                return written.ToString();
            }
        }
    }
}
