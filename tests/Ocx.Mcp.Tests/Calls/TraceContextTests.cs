using Ocx.Mcp.Records;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.Tests.Calls;

public sealed class TraceContextTests : IMcpSink
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Header = $"traceparent: 00-{Trace}-b7ad6b7169203331-01\r\nTraceState: vendor=1\r\n";
    private const string Meta =
        $$""","_meta":{"traceparent":"00-{{Trace}}-00f067aa0ba902b7-00","tracestate":"other=2"}""";

    private readonly List<(string Id, TraceParent Parent, string State)> _seen = [];

    [Fact]
    public void The_span_of_the_HTTP_request_is_a_calls_parent() =>
        Assert.Equal(
            (
                "1",
                new TraceParent(new UInt128(0x0af7651916cd43dd, 0x8448eb211c80319c), 0xb7ad6b7169203331, 1),
                "vendor=1"
            ),
            Call(Header, string.Empty)
        );

    [Fact]
    public void The_messages_own_span_goes_before_that_of_the_request_which_carries_it()
    {
        var (_, parent, state) = Call(Header, Meta);
        Assert.Equal((0x00f067aa0ba902b7ul, (byte)0, "other=2"), (parent.SpanId, parent.Flags, state));
    }

    [Fact]
    public void A_call_without_a_context_has_none_whatever_the_connections_last_one_had()
    {
        Call(Header, Meta);
        Assert.Equal(("1", default, string.Empty), Call(string.Empty, string.Empty));
    }

    [Fact]
    public void A_tracestate_beyond_its_bound_or_without_a_parent_is_left_out()
    {
        Assert.Equal(
            string.Empty,
            Call(
                $"traceparent: 00-{Trace}-b7ad6b7169203331-01\r\ntracestate: "
                    + $"a={new string('x', TraceParent.LongestState)}\r\n",
                string.Empty
            ).State
        );
        Assert.Equal(string.Empty, Call("tracestate: a=1\r\n", string.Empty).State);
    }

    [Theory]
    [InlineData("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", false)]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false)]
    [InlineData("00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("", false)]
    public void Only_a_well_formed_parent_is_one(string text, bool expected) =>
        Assert.Equal(expected, TraceParent.Parse(System.Text.Encoding.ASCII.GetBytes(text)).IsValue);

    void IMcpSink.OnCall(CallRecord record) => _seen.Add((record.RequestId, record.TraceParent, record.TraceState));

    void IMcpSink.OnUnreadable(in UnreadableConnection connection) { }

    private (string Id, TraceParent Parent, string State) Call(string headers, string meta)
    {
        var wire = new Wire();
        wire.Open().FromClient(Peer.Post(Peer.Call(1, meta: meta), headers)).FromServer(Peer.Ok(Peer.Result(1)));
        var tracker = new McpTracker(new(), this);
        long now = 1_700_000_000_000_000_000;
        foreach (Sent sent in wire.Log)
        {
            tracker.Accept(wire.At(sent, now += 1000));
        }

        return _seen[^1];
    }
}
