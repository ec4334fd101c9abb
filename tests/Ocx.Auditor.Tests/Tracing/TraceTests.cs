using System.Diagnostics;
using Google.Protobuf;
using Ocx.Audit.Wire;
using Ocx.Auditor.Tests.Intake;

namespace Ocx.Auditor.Tests.Tracing;

/// <summary>The program sends spans of its verdicts by OTLP, in the trace of the call's client.</summary>
public sealed class TraceTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string Headers = "OTEL_EXPORTER_OTLP_HEADERS";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Span = "00f067aa0ba902b7";
    private const string Secret = "hunter2-of-the-test";

    [Theory]
    [InlineData("grpc", Endpoint, "", "/opentelemetry.proto.collector.trace.v1.TraceService/Export")]
    [InlineData("http/protobuf", Endpoint, "/tenant", "/tenant/v1/traces")]
    [InlineData("http/protobuf", TracesEndpoint, "/as/it/is", "/as/it/is")]
    public async Task A_verdict_is_a_span_of_the_clients_trace_and_each_vote_one_below_it(
        string protocol,
        string variable,
        string path,
        string asked
    )
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync(protocol == "grpc");
        using var auditor = new TracedAuditor(
            (variable, receiver.Address + path),
            (Protocol, protocol),
            (Headers, $"authorization=Bearer%20{Secret}")
        );
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        await agent.SendAsync(1, Opened(1, "get_orders", $"00-{Trace}-{Span}-01"));
        await agent.AcknowledgedAsync(1);

        ReceivedSpan call = Assert.Single(await receiver.CallsAsync(1));
        Assert.Equal((Trace, Span, "audit tools/call get_orders"), (call.TraceId, call.ParentId, call.Name));
        Assert.Equal("ocx-auditor", call.Resource["service.name"]);
        Assert.Equal(
            [
                ("gen_ai.tool.name", "get_orders"),
                ("k8s.namespace.name", "shop"),
                ("k8s.pod.name", "orders-0"),
                ("mcp.method.name", "tools/call"),
                ("ocx.audit.key", Key(1)),
                ("ocx.audit.name", "orders"),
                ("ocx.audit.namespace", "audits"),
                ("ocx.audit.outcome", "Held"),
            ],
            call.Attributes.Select(pair => (pair.Key, pair.Value)).Order()
        );

        Dictionary<string, ReceivedSpan> votes = receiver
            .Spans.Where(span => span.ParentId == call.SpanId)
            .ToDictionary(span => span.Name);
        Assert.Equal(["juror hook", "juror person", "juror rules"], votes.Keys.Order());
        Assert.All(
            votes.Values,
            vote =>
            {
                Assert.Equal(Trace, vote.TraceId);
                Assert.InRange(vote.Start, 1UL, vote.End);
            }
        );
        Assert.Equal(
            [("ocx.audit.ballot", "Hold"), ("ocx.audit.failure", "error"), ("ocx.audit.juror", "hook")],
            votes["juror hook"].Attributes.Select(pair => (pair.Key, pair.Value)).Order()
        );
        Assert.Equal(
            ("Abstain", false),
            (votes["juror rules"].Attributes["ocx.audit.ballot"], votes["juror rules"].IsError)
        );
        Assert.True(votes["juror hook"].IsError);
        Assert.Equal([asked], receiver.Paths);
        Assert.Equal([$"Bearer {Secret}"], receiver.Authorizations);
    }

    [Fact]
    public async Task Without_a_trace_that_is_one_a_new_one_begins()
    {
        string[] none =
        [
            "",
            $"00-{Trace}-{Span}",
            $"00-{Trace}-{Span}-01-more",
            $"00-{Trace.ToUpperInvariant()}-{Span}-01",
            $"00-{new string('0', 32)}-{Span}-01",
            $"00-{Trace}-{new string('0', 16)}-01",
            $"ff-{Trace}-{Span}-01",
            $"00_{Trace}_{Span}_01",
            $"00-{Trace}-{Span}-zz",
            $"00-{Trace}-{Span}-0\n",
            new string('0', 100_000),
        ];
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        using var auditor = new TracedAuditor((Endpoint, receiver.Address), (Protocol, "http/protobuf"));
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        for (int i = 0; i < none.Length; i++)
        {
            await agent.SendAsync((ulong)i + 1, Opened(i, "drop_orders", none[i]));
        }

        await agent.AcknowledgedAsync((ulong)none.Length);
        IReadOnlyList<ReceivedSpan> calls = await receiver.CallsAsync(none.Length);
        Assert.Equal(none.Length, calls.Select(call => call.TraceId).Distinct().Count());
        Assert.All(calls, call => Assert.Equal(("", false), (call.ParentId, call.TraceId == Trace)));
        Assert.All(calls, call => Assert.Equal("Refused", call.Attributes["ocx.audit.outcome"]));
    }

    [Fact]
    public async Task A_trace_that_its_client_does_not_sample_gets_no_span()
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        using var auditor = new TracedAuditor((Endpoint, receiver.Address), (Protocol, "http/protobuf"));
        using (AgentStream agent = await AgentStream.OpenAsync(auditor.Client))
        {
            await agent.SendAsync(1, Opened(1, "drop_orders", $"00-{Trace}-{Span}-00"));
            await agent.SendAsync(2, Opened(2, "drop_orders", $"00-{Trace}-{Span}-01"));
            await agent.AcknowledgedAsync(2);
        }

        // What waits is sent before it ends: nothing can come after that.
        Assert.Equal(0, await auditor.StopAsync());
        ReceivedSpan call = Assert.Single(await receiver.CallsAsync(1));
        Assert.Equal(Key(2), call.Attributes["ocx.audit.key"]);
    }

    [Fact]
    public async Task Neither_arguments_nor_reasons_are_sent_and_names_of_the_wire_are_escaped_and_cut()
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        using var auditor = new TracedAuditor(
            (Endpoint, receiver.Address),
            (Protocol, "http/protobuf"),
            (Headers, $"authorization=Bearer%20{Secret}")
        );
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        await agent.SendAsync(1, Opened(1, "drop_\n\u001b[31m", $"00-{Trace}-{Span}-01"));
        await agent.SendAsync(2, Opened(2, "get_" + new string('x', 1000), string.Empty));
        await agent.AcknowledgedAsync(2);

        IReadOnlyList<ReceivedSpan> calls = await receiver.CallsAsync(2);
        Assert.Equal(@"drop_\n\u{1b}[31m", calls.Single(call => call.TraceId == Trace).Attributes["gen_ai.tool.name"]);
        string cut = calls.Single(call => call.TraceId != Trace).Attributes["gen_ai.tool.name"];
        Assert.InRange(cut.Length, 500, Auditor.Tracing.CallSpans.LongestText + 1);
        Assert.All(
            [Secret, "the-message-of-a-rule", "the-path-of-a-hook", "127.0.0.1", "no person can be asked"],
            hidden => Assert.DoesNotContain(hidden, receiver.Bytes, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(Secret, auditor.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_receiver_that_hangs_or_is_away_costs_spans_and_no_verdict_and_no_stop(bool hangs)
    {
        const int Calls = 3000; // more than the spans that wait
        OtlpReceiver receiver = await OtlpReceiver.StartAsync(hangs: true);
        try
        {
            string address = receiver.Address;
            if (!hangs)
            {
                await receiver.DisposeAsync();
            }

            using var auditor = new TracedAuditor((Endpoint, address), (Protocol, "http/protobuf"));
            using (AgentStream agent = await AgentStream.OpenAsync(auditor.Client))
            {
                for (int i = 1; i <= Calls; i++)
                {
                    await agent.SendAsync((ulong)i, Opened(i, "drop_orders", $"00-{Trace}-{Span}-01"));
                }

                await agent.AcknowledgedAsync(Calls);
            }

            await Wait.UntilAsync(() => !hangs || receiver.Requests > 0, TestContext.Current.CancellationToken);
            long stops = Stopwatch.GetTimestamp();
            Assert.Equal(0, await auditor.StopAsync());
            Assert.InRange(Stopwatch.GetElapsedTime(stops), TimeSpan.Zero, TimeSpan.FromSeconds(9));
        }
        finally
        {
            await receiver.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(Headers, Secret)]
    [InlineData(Endpoint, $"user:{Secret}@collector")]
    [InlineData(TracesEndpoint, $"ftp://{Secret}/")]
    public async Task A_variable_that_cannot_be_read_is_told_in_one_line_that_does_not_show_it(
        string variable,
        string value
    )
    {
        using var auditor = new TracedAuditor((Endpoint, "http://127.0.0.1:1"), (variable, value));
        Assert.Equal(2, await auditor.EndedAsync());
        Assert.StartsWith($"ocx-auditor: {variable}: want ", auditor.Log.Trim(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', auditor.Log.Trim());
        Assert.DoesNotContain(Secret, auditor.Log, StringComparison.Ordinal);
    }

    private static string Key(int call) => $"0123456789abcdef{call:x16}";

    private static AgentMessage Opened(int call, string tool, string traceparent) =>
        new()
        {
            Opened = new Opened
            {
                Key = Key(call),
                TimeUnixNs = 1_700_000_000_000_000_000,
                Method = "tools/call",
                Tool = tool,
                Arguments = ByteString.CopyFromUtf8($$"""{"password":"{{Secret}}"}"""),
                ArgumentsComplete = true,
                Session = Secret,
                Client = new Party { Address = "10.0.0.1:40000", Name = Secret },
                Server = new Party
                {
                    Address = "10.0.0.2:8080",
                    Namespace = "shop",
                    Pod = "orders-0",
                },
                Traceparent = traceparent,
            },
        };
}
