using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// A client without a session withdraws its call by a notification on another connection, and ends the call's stream.
/// </summary>
public sealed class CancelTests
{
    private static readonly IpEndpoint s_other = IpEndpoint.From([10, 0, 0, 7], 40009);
    private readonly Tracked _tracked = new();

    [Theory]
    [InlineData("1", true, "cancelled")]
    [InlineData("\"1\"", true, "cancelled")]
    [InlineData("1", false, "unpaired")]
    [InlineData("2", true, "unpaired")]
    public void The_clients_end_of_the_stream_makes_it_so(string id, bool byClient, string status)
    {
        Wire call = Opened(40000);
        _tracked.Feed(Cancel(id)).Feed(call, call.Close(byClient).Log.TakeLast(2));
        Assert.Equal([$"tools/call slow {status}"], _tracked.Summary);
    }

    [Theory]
    [InlineData(true, true, "cancelled")]
    [InlineData(true, false, "unpaired")]
    [InlineData(false, true, "unpaired")]
    public void So_does_its_reset(bool cancelled, bool byClient, string status)
    {
        Wire call = Opened(40000);
        _tracked.Feed(Cancel(cancelled ? "1" : "2"));
        Sent last = call.Log.Last(sent => sent.FromClient == byClient);
        uint next = unchecked(last.Sequence + (uint)last.Length);
        _tracked.Feed(call, [new(byClient, next, 0, TcpFlags.Rst, [], 0)]);
        Assert.Equal([$"tools/call slow {status}"], _tracked.Summary);
    }

    [Fact]
    public void The_server_may_end_the_stream_of_a_cancelled_call_without_an_answer()
    {
        Wire call = Opened(40000);
        _tracked.Feed(Cancel("1")).Feed(call, call.FromServer(Peer.LastChunk).Log.TakeLast(1));
        Assert.Equal(["tools/call slow cancelled"], _tracked.Summary);
    }

    [Fact]
    public void An_answer_that_comes_all_the_same_counts()
    {
        Wire call = Opened(40000);
        _tracked
            .Feed(Cancel("1"))
            .Feed(call, call.FromServer(Peer.Event(Peer.Result(1)) + Peer.LastChunk).Close().Log.TakeLast(3));
        Assert.Equal(["tools/call slow ok"], _tracked.Summary);
    }

    [Fact]
    public void Of_two_calls_with_the_id_from_one_address_neither_is_taken_for_it()
    {
        Wire first = Opened(40000),
            second = Opened(40002);
        _tracked
            .Feed(Cancel("1"))
            .Feed(first, first.Close().Log.TakeLast(2))
            .Feed(second, second.Close().Log.TakeLast(2));
        Assert.Equal(["tools/call slow unpaired", "tools/call slow unpaired"], _tracked.Summary);
    }

    [Fact]
    public void Nobody_cancels_a_call_of_another_address_or_of_another_server()
    {
        Wire call = Opened(40000);
        _tracked.Feed(Cancel("1", client: s_other)).Feed(Cancel("1", port: 40003, called: s_other));
        _tracked.Feed(call, call.Close().Log.TakeLast(2));
        Assert.Equal(["tools/call slow unpaired"], _tracked.Summary);
    }

    [Fact]
    public void A_call_of_a_session_is_not_cancelled_without_it()
    {
        Wire call = Opened(40000, "Mcp-Session-Id: s\r\n");
        _tracked.Feed(Cancel("1")).Feed(call, call.Close().Log.TakeLast(2)).Flush();
        Assert.Equal(["tools/call slow unpaired"], _tracked.Summary);
    }

    private Wire Opened(int port, string headers = "")
    {
        var wire = new Wire(port)
            .Open()
            .FromClient(Peer.Post(Peer.Call(1, "slow"), headers))
            .FromServer(Peer.EventStream());
        _tracked.Feed(wire);
        return wire;
    }

    private static Wire Cancel(string id, int port = 40001, IpEndpoint? client = null, IpEndpoint? called = null) =>
        new Wire(port)
        {
            Client = client ?? IpEndpoint.From([10, 0, 0, 1], (ushort)port),
            Called = called ?? Wire.Server,
        }
            .Open()
            .FromClient(
                Peer.Post($$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{{id}}}}}""")
            )
            .FromServer(Peer.Accepted);
}
