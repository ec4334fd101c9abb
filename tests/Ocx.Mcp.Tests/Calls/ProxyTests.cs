using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>Proxies on the way: tunnels that clients ask for, and load balancers that name the client.</summary>
public sealed class ProxyTests
{
    private const string Connect = "CONNECT mcp.internal:80 HTTP/1.1\r\nHost: mcp.internal:80\r\n\r\n",
        Connected = "HTTP/1.1 200 Connection Established\r\n\r\n";
    private readonly Tracked _tracked = new();
    private readonly Wire _wire = new();

    [Fact]
    public void What_a_tunnel_carries_is_read_whatever_it_is()
    {
        _wire
            .Open()
            .FromClient(Connect)
            .FromServer("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            .FromClient(Connect)
            .FromServer(Connected)
            .FromClient(Peer.Call(1) + "\n")
            .FromServer(Peer.Result(1) + "\n");
        Assert.Equal(["tools/call echo ok"], _tracked.Feed(_wire).Flush().Summary);
        Assert.Equal(
            (0, 0, 0),
            (_tracked.Tracker.Stats.Upgraded, _tracked.Tracker.Stats.HttpLost, _tracked.Tracker.Stats.UnknownStreams)
        );
    }

    [Fact]
    public void A_tunnel_in_a_tunnel_and_events_in_small_pieces()
    {
        _wire
            .Open()
            .FromClient(Connect, split: 7)
            .FromServer(Connected, split: 7)
            .FromClient(Connect, split: 7)
            .FromServer(Connected, split: 7)
            .FromClient(Peer.Post(Peer.Call(1)), split: 3)
            .FromServer(Peer.EventStream() + Peer.Event(Peer.Result(1)) + Peer.LastChunk, split: 5)
            .FromClient(Peer.Post(Peer.Call(2)))
            .FromServer(Peer.Ok(Peer.Result(2)));
        Assert.Equal(["tools/call echo ok", "tools/call echo ok"], _tracked.Feed(_wire).Flush().Summary);
    }

    [Fact]
    public void TLS_in_a_tunnel_is_named_and_counted_as_TLS()
    {
        _wire
            .Open()
            .FromClient(Connect)
            .FromServer(Connected)
            .Send(true, CallTests.ClientHello("mcp.example.com", "h2"), split: 50);
        UnreadableConnection seen = Assert.Single(_tracked.Feed(_wire).Flush().Unreadable);
        Assert.Equal((UnreadableKind.Tls, "mcp.example.com"), (seen.Kind, seen.ServerName));
        Assert.Equal((1, 0), (_tracked.Tracker.Stats.Tls, _tracked.Tracker.Stats.Upgraded));
    }

    [Fact]
    public void A_client_need_not_wait_for_the_tunnel()
    {
        string post = Peer.Post(Peer.Call(1));
        _wire
            .Open()
            .FromClient(Connect + post[..30])
            .FromServer(Connected)
            .FromClient(post[30..])
            .FromServer(Peer.Ok(Peer.Result(1)));
        Wire whole = new(40001),
            hello = new(40002);
        whole.Open().FromClient(Connect + post).FromServer(Connected + Peer.Ok(Peer.Result(1)));
        hello
            .Open()
            .FromClient(Connect)
            .Send(true, CallTests.ClientHello("mcp.example.com", "h2"))
            .FromServer(Connected);
        Assert.Equal(
            ["tools/call echo ok", "tools/call echo ok"],
            _tracked.Feed(_wire).Feed(whole).Feed(hello).Flush().Summary
        );
        Assert.Equal("mcp.example.com", Assert.Single(_tracked.Unreadable).ServerName);
        Assert.Equal(0, _tracked.Tracker.Stats.HttpLost);
    }

    [Fact]
    public void Tunnels_without_end_in_one_segment_take_no_stack()
    {
        const int Many = 100_000;
        _wire
            .Open()
            .FromClient(string.Concat(Enumerable.Repeat("CONNECT a HTTP/1.1\n\n", Many)))
            .FromServer(string.Concat(Enumerable.Repeat("HTTP/1.1 200 \n\n", Many)));
        Assert.Equal(0, _tracked.Feed(_wire).Flush().Tracker.Stats.Calls);
    }

    [Fact]
    public void A_tunnel_of_another_protocol_is_counted_once()
    {
        _wire
            .Open()
            .FromClient(Connect)
            .FromServer(Connected + "SSH-2.0-OpenSSH_9.7\r\n")
            .FromClient("SSH-2.0-OpenSSH_9.7\r\n");
        Assert.Equal(
            (1, 0),
            (_tracked.Feed(_wire).Flush().Tracker.Stats.Upgraded, _tracked.Tracker.Stats.UnknownStreams)
        );
        Assert.Equal(UnreadableKind.Upgraded, Assert.Single(_tracked.Unreadable).Kind);
    }

    public static TheoryData<byte[], string> Headers =>
        new()
        {
            { Encoding.ASCII.GetBytes("PROXY TCP4 198.51.100.7 10.0.0.2 51234 8080\r\n"), "198.51.100.7:51234" },
            { Encoding.ASCII.GetBytes("PROXY TCP6 2001:db8::7 2001:db8::2 51234 8080\r\n"), "[2001:db8::7]:51234" },
            { Encoding.ASCII.GetBytes("PROXY UNKNOWN\r\n"), "10.0.0.1:40000" },
            { Binary(0x21, 0x11, [198, 51, 100, 7, 10, 0, 0, 2, 0xC8, 0x22, 0x1F, 0x90]), "198.51.100.7:51234" },
            {
                Binary(0x21, 0x11, [198, 51, 100, 7, 10, 0, 0, 2, 0xC8, 0x22, 0x1F, 0x90, 4, 0, 2, 0, 0]),
                "198.51.100.7:51234"
            },
            { Binary(0x21, 0x21, [.. new byte[15], 1, .. new byte[16], 0xC8, 0x22, 0x1F, 0x90]), "[::1]:51234" },
            { Binary(0x20, 0x11, [198, 51, 100, 7, 10, 0, 0, 2, 0xC8, 0x22, 0x1F, 0x90]), "10.0.0.1:40000" },
            { Binary(0x20, 0x00, []), "10.0.0.1:40000" },
            { Binary(0x21, 0x31, new byte[216]), "10.0.0.1:40000" },
        };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_load_balancer_names_the_client(byte[] header, string client)
    {
        foreach (int split in new[] { int.MaxValue, 1, 5, 16 })
        {
            Tracked tracked = new();
            Wire wire = new();
            byte[] first = [.. header, .. Encoding.ASCII.GetBytes(Peer.Post(Peer.Call(1)))];
            wire.Open()
                .Send(true, first, split)
                .FromServer(Peer.Ok(Peer.Result(1)))
                .FromClient(Peer.Post(Peer.Call(2)))
                .FromServer(Peer.Ok(Peer.Result(2)));
            Assert.Equal(["tools/call echo ok", "tools/call echo ok"], tracked.Feed(wire).Flush().Summary);
            Assert.Equal((0, 0), (tracked.Tracker.Stats.UnknownStreams, tracked.Tracker.Stats.HttpLost));
            foreach (string json in tracked.Json)
            {
                Assert.True(RecordedCall.TryRead(Encoding.UTF8.GetBytes(json), out RecordedCall? call));
                Assert.Equal(client, call.Client.Endpoint);
                Assert.Equal(client == "10.0.0.1:40000" ? null : "10.0.0.1:40000", call.Client.Via?.Endpoint);
            }

            Assert.Contains($" {client} → 10.0.0.2:8080 ", tracked.Lines[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_the_balancer_is_is_not_who_the_client_is()
    {
        Tracked tracked = new()
        {
            Look = call => call.ClientIdentity = new() { Namespace = "edge", Pod = "balancer-0" },
        };
        _wire
            .Open()
            .FromClient("PROXY TCP4 198.51.100.7 10.0.0.2 51234 8080\r\n" + Peer.Post(Peer.Call(1)))
            .FromServer(Peer.Ok(Peer.Result(1)));
        JsonElement client = tracked.Feed(_wire).Only.GetProperty("client");
        Assert.False(client.TryGetProperty("pod", out _));
        Assert.Equal("balancer-0", client.GetProperty("via").GetProperty("pod").GetString());
    }

    [Theory]
    [InlineData("PROXY TCP4 198.51.100.7 10.0.0.2 51234\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 10.0.0.2 512345 8080\r\n")]
    [InlineData("PROXY TCP4 2001:db8::7 10.0.0.2 51234 8080\r\n")]
    [InlineData("PROXY TCP6 fe80::1%25eth0 2001:db8::2 51234 8080\r\n")]
    [InlineData("PROXY UDP4 198.51.100.7 10.0.0.2 51234 8080\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 10.0.0.2 51234 8080\r\nPROXY TCP4 198.51.100.8 10.0.0.2 51234 8080\r\n")]
    public void What_is_no_header_names_nobody_and_requests_after_it_are_read(string header)
    {
        _wire.Open().FromClient(header).FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Ok(Peer.Result(1)));
        string address = _tracked.Feed(_wire).Only.GetProperty("client").GetProperty("address").GetString()!;
        Assert.NotEqual("198.51.100.8", address);
        Assert.Equal(1, _tracked.Tracker.Stats.UnknownStreams);
        _tracked.Flush();
    }

    [Fact]
    public void Only_the_first_bytes_of_a_connection_name_the_client()
    {
        _wire
            .Open()
            .FromClient(Peer.Post(Peer.Call(1)))
            .FromServer(Peer.Ok(Peer.Result(1)))
            .FromClient("PROXY TCP4 198.51.100.7 10.0.0.2 51234 8080\r\n")
            .FromClient(Peer.Post(Peer.Call(2)))
            .FromServer(Peer.Ok(Peer.Result(2)));
        _tracked.Feed(_wire).Flush();
        Assert.All(_tracked.Json, json => Assert.DoesNotContain("198.51.100.7", json, StringComparison.Ordinal));
    }

    [Fact]
    public void A_client_cancels_no_call_of_another_that_the_same_balancer_names()
    {
        string Named(string address) => $"PROXY TCP4 {address} 10.0.0.2 51234 8080\r\n";
        string cancel = Peer.Post("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""");
        Wire other = new(40001),
            own = new(40002),
            second = new(40003);
        _tracked.Feed(
            _wire.Open().FromClient(Named("198.51.100.7") + Peer.Post(Peer.Call(1, "a"))).FromServer(Peer.EventStream())
        );
        _tracked.Feed(
            second
                .Open()
                .FromClient(Named("198.51.100.9") + Peer.Post(Peer.Call(1, "b")))
                .FromServer(Peer.EventStream())
        );
        _tracked.Feed(other.Open().FromClient(Named("198.51.100.8") + cancel).FromServer(Peer.Accepted));
        _tracked.Feed(own.Open().FromClient(Named("198.51.100.9") + cancel).FromServer(Peer.Accepted));
        _tracked.Feed(_wire, _wire.Close().Log.TakeLast(2)).Feed(second, second.Close().Log.TakeLast(2));
        Assert.Equal(["tools/call a unpaired", "tools/call b cancelled"], _tracked.Summary);
    }

    private static byte[] Binary(byte command, byte family, byte[] rest)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)rest.Length);
        return [.. "\r\n\r\n\0\r\nQUIT\n"u8, command, family, .. length, .. rest];
    }
}
