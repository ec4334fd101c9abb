using System.Globalization;
using System.IO.Pipes;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Findings;
using Ocx.NodeAgent.Output;
using Ocx.NodeAgent.Telemetry;
using Ocx.NodeProgram;
using Xunit;

namespace Ocx.NodeAgent.Tests;

/// <summary>Standard output is a pipe that nobody reads, while calls flow.</summary>
public sealed class PipelineTests : IDisposable
{
    // Each call has some 8 KiB of arguments and answer, so that the lines of so many do not fit into what may wait.
    private const int Calls = 4003;
    private static readonly TimeSpan s_stop = TimeSpan.FromSeconds(5);

    private readonly AnonymousPipeServerStream _blocked = new(PipeDirection.Out);
    private readonly SocketOwners _owners = new();
    private readonly CallTally _tally = new();
    private readonly CallMetrics _metrics = new();
    private readonly FindingLog _findings = new(NullLogger<FindingLog>.Instance);
    private readonly CancellationTokenSource _abandon = new();
    private uint _client = 1000,
        _server = 5000;

    public void Dispose()
    {
        _blocked.Dispose();
        _owners.Dispose();
        _abandon.Dispose();
    }

    [Fact]
    public async Task Calls_that_are_not_printed_are_counted_judged_and_shed_and_the_stop_is_in_time()
    {
        var lines = new CallOutput(CallLine.WriteJson, _blocked);
        var follower = new CallFollower(new MonotonicClock(), new McpOptions(), _tally, _metrics, _findings, lines);
        var pipeline = new Pipeline(follower, printer: null, lines);
        pipeline.Start(_abandon.Token);
        await FlowAsync(pipeline, Calls);

        Assert.Equal(0ul, pipeline.Shed.NotFollowed);
        Assert.InRange(pipeline.Shed.CallsNotPrinted, 1ul, Calls - 100ul);
        await StopAsync(pipeline);
    }

    [Fact]
    public async Task Segments_that_are_not_printed_are_followed_all_the_same()
    {
        var printer = new SegmentPrinter(
            new TextSegmentFormatter(new InterfaceNames(), _owners, new MonotonicClock()),
            _blocked
        );
        var follower = new CallFollower(new MonotonicClock(), new McpOptions(), _tally, _metrics, _findings);
        var pipeline = new Pipeline(follower, printer, calls: null);
        pipeline.Start(_abandon.Token);
        await FlowAsync(pipeline, Calls);

        Assert.Equal((0ul, 0ul), (pipeline.Shed.NotFollowed, pipeline.Shed.CallsNotPrinted));
        Assert.InRange(pipeline.Shed.NotPrinted, 1ul, 2ul * Calls);
        await StopAsync(pipeline);
    }

    [Fact]
    public async Task An_output_that_is_closed_ends_its_part_alone()
    {
        var lines = new CallOutput(CallLine.WriteJson, _blocked);
        var follower = new CallFollower(new MonotonicClock(), new McpOptions(), _tally, _metrics, _findings, lines);
        var pipeline = new Pipeline(follower, printer: null, lines);
        _blocked.DisposeLocalCopyOfClientHandle();
        pipeline.Start(_abandon.Token);
        await FlowAsync(pipeline, 211);
        await Assert.ThrowsAnyAsync<IOException>(() =>
            pipeline.Output.WaitAsync(s_stop, TestContext.Current.CancellationToken)
        );
        await FlowAsync(pipeline, 211);
        pipeline.Complete();
        await pipeline.Following.WaitAsync(s_stop, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Every_line_comes_out_in_order_when_somebody_reads()
    {
        using var written = new MemoryStream();
        var lines = new CallOutput(CallLine.WriteForPeople, written);
        var follower = new CallFollower(new MonotonicClock(), new McpOptions(), _tally, _metrics, _findings, lines);
        var pipeline = new Pipeline(follower, printer: null, lines);
        pipeline.Start(_abandon.Token);
        await FlowAsync(pipeline, 997);
        pipeline.Complete();
        await pipeline.Output.WaitAsync(s_stop, TestContext.Current.CancellationToken);

        Assert.Equal(default, pipeline.Shed);
        string[] names =
        [
            .. Encoding
                .UTF8.GetString(written.ToArray())
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ')[5]),
        ];
        Assert.Equal(
            Enumerable.Range(0, 997).Select(i => string.Create(CultureInfo.InvariantCulture, $"tool-{i % 7}")),
            names
        );
    }

    [Fact]
    public void A_call_is_opened_when_its_request_is_whole_and_over_when_its_answer_is()
    {
        var seen = new Seen();
        var follower = new CallFollower(new MonotonicClock(), new McpOptions(), seen);
        byte[][] conversation = Records.Conversation(
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":1}}}"""u8
                .ToArray()
                .Append((byte)'\n')
                .ToArray(),
            """{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"""u8.ToArray().Append((byte)'\n').ToArray(),
            TimeSpan.FromMilliseconds(5)
        );

        follower.Accept(CapturedSegment.Read(conversation[0]));
        Assert.Equal(["opened tools/call add {\"a\":1}"], seen.Events);
        follower.Accept(CapturedSegment.Read(conversation[1]));
        Assert.Equal(["opened tools/call add {\"a\":1}", "over ok"], seen.Events);
    }

    private async Task FlowAsync(Pipeline pipeline, int calls)
    {
        long before = _tally.Snapshot().Total;
        string filling = new('x', 3900);
        for (int i = 0; i < calls; i++)
        {
            string request = string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"jsonrpc":"2.0","id":{{{i}}},"method":"tools/call","params":"""
                    + $$$"""{"name":"tool-{{{i % 7}}}","arguments":["{{{filling}}}"]}}"""
            );
            string answer = string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"jsonrpc":"2.0","id":{{{i}}},"result":{"content":"{{{filling}}}"}}"""
            );
            Send(pipeline, Encoding.UTF8.GetBytes(request + "\n"), reply: false);
            Send(pipeline, Encoding.UTF8.GetBytes(answer + "\n"), reply: true);
            if (i % 50 == 49)
            {
                // The follower is not what this is about: it is given the time that it needs.
                pipeline.Sink.EndOfBatch();
                await Eventually(() => _tally.Snapshot().Total >= before + i - 100);
            }
        }

        pipeline.Sink.EndOfBatch();
        await Eventually(() => _tally.Snapshot().Total == before + calls);
        var text = new MetricsText(openMetrics: false);
        _metrics.Render(text);
        Assert.Contains(
            $"ocx_agent_calls_total{{status=\"ok\"}} {before + calls}\n",
            text.ToString(),
            StringComparison.Ordinal
        );
    }

    private void Send(Pipeline pipeline, byte[] payload, bool reply)
    {
        pipeline.Sink.Accept(
            CapturedSegment.Read(Records.Segment(payload, reply ? _server : _client, reply ? _client : _server, reply))
        );
        (_client, _server) = reply
            ? (_client, _server + (uint)payload.Length)
            : (_client + (uint)payload.Length, _server);
    }

    // What the agent does at its stop: the follower ends by itself, the output is given up.
    private async Task StopAsync(Pipeline pipeline)
    {
        pipeline.Complete();
        await pipeline.Following.WaitAsync(s_stop, TestContext.Current.CancellationToken);
        Assert.False(pipeline.Output.IsCompleted);
        await _abandon.CancelAsync();
        _blocked.DisposeLocalCopyOfClientHandle(); // the end of the process: the blocked write fails
        await Assert.ThrowsAnyAsync<Exception>(() =>
            pipeline.Output.WaitAsync(s_stop, TestContext.Current.CancellationToken)
        );
        Assert.True(pipeline.Output.IsCompleted);
    }

    private static async Task Eventually(Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 3000, "it did not become true in 30 s");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Seen : ICallObserver
    {
        public List<string> Events { get; } = [];

        public void OnOpened(CallRecord call) =>
            Events.Add($"opened {call.Method} {call.Name} {Encoding.UTF8.GetString(call.Arguments)}");

        public void OnCall(CallRecord call) => Events.Add($"over {CallRecordWriter.Name(call.Status)}");
    }
}
