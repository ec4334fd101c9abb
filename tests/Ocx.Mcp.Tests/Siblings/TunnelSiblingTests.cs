using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>Proxies on the way, in each of their words and cut in each way.</summary>
public sealed class TunnelSiblingTests
{
    private static readonly string[] s_two = ["a ok", "b ok"];

    public static TheoryData<string, string> Tunnels =>
        new MatrixTheoryData<string, string>(
            [
                "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n",
                "CONNECT x:80 HTTP/1.0\r\n\r\n",
                "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\nProxy-Connection: keep-alive\r\n\r\n",
                "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\nContent-Length: 0\r\n\r\n",
                "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\nContent-Length: 4\r\n\r\nbody",
                "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
            ],
            [
                "HTTP/1.1 200 Connection Established\r\n\r\n",
                "HTTP/1.0 200 Connection established\r\nProxy-Agent: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
                "HTTP/1.1 200\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            ]
        );

    public static TheoryData<string> Refusals =>
        [
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
            "HTTP/1.1 407 No\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n0\r\n\r\n",
            "HTTP/1.0 407 No\r\nConnection: keep-alive\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\n\r\n{}",
        ];

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void Plain_HTTP_in_a_tunnel(string asked, string answered)
    {
        Inside(new Dialogue().Client(asked).Server(answered)).IsTold(s_two);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_tunnel_after_a_refusal(string refused)
    {
        Dialogue dialogue = new();
        for (int i = 0; i < 2; i++)
        {
            dialogue.Client("CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n").Server(refused);
        }

        Inside(
                dialogue
                    .Client("CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\nProxy-Authorization: Basic eA==\r\n\r\n")
                    .Server("HTTP/1.1 200 Connection established\r\n\r\n")
            )
            .IsTold(s_two);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Requests_through_a_proxy_that_opens_no_tunnel(string refused)
    {
        Inside(new Dialogue().Client("CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n").Server(refused)).IsTold(s_two);
    }

    [Fact]
    public void What_the_client_and_the_server_say_at_once_with_the_tunnel()
    {
        new Dialogue()
            .Client("CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n" + Peer.Post(Peer.Call(1, "a")))
            .Server("HTTP/1.1 200 OK\r\n\r\n" + Peer.Ok(Peer.Result(1)))
            .Client(Peer.Post(Peer.Call(2, "b")))
            .Server(Peer.EventStream() + Peer.Event(Peer.Result(2)) + Peer.LastChunk)
            .IsTold(s_two);
    }

    public static TheoryData<string> Headers => [.. s_headers.Keys];

    private static readonly Dictionary<string, (byte[] Header, string Client)> s_headers = new()
    {
        ["TCP4"] = (Ascii("PROXY TCP4 198.51.100.7 10.0.0.2 51234 8080\r\n"), "198.51.100.7"),
        ["TCP6"] = (Ascii("PROXY TCP6 2001:db8::7 2001:db8::2 51234 8080\r\n"), "2001:db8::7"),
        ["longest"] = (
            Ascii(
                "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff7 "
                    + "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"
            ),
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff7"
        ),
        ["mapped"] = (Ascii("PROXY TCP6 ::ffff:198.51.100.7 ::ffff:10.0.0.2 51234 8080\r\n"), "198.51.100.7"),
        ["UNKNOWN"] = (Ascii("PROXY UNKNOWN\r\n"), "10.0.0.1"),
        ["UNKNOWN with addresses"] = (Ascii("PROXY UNKNOWN 198.51.100.7 10.0.0.2 51234 8080\r\n"), "10.0.0.1"),
        ["v2 TCP4"] = (V2(0x21, 0x11, s_four), "198.51.100.7"),
        ["v2 TCP6"] = (V2(0x21, 0x21, s_six), "2001:db8::7"),
        ["v2 TLVs"] = (
            V2(
                0x21,
                0x11,
                [.. s_four, .. Tlv(3, [1, 2, 3, 4]), .. Tlv(0xEA, "\x01vpce-0123"u8), .. Tlv(4, new byte[7])]
            ),
            "198.51.100.7"
        ),
        ["v2 TLS TLVs"] = (
            V2(0x21, 0x21, [.. s_six, .. Tlv(1, "h2"u8), .. Tlv(2, "mcp.example"u8), .. Tlv(0x20, new byte[3000])]),
            "2001:db8::7"
        ),
        ["v2 TLVs of 20 KB"] = (V2(0x21, 0x11, [.. s_four, .. Tlv(0x20, new byte[20_000])]), "198.51.100.7"),
        ["v2 LOCAL"] = (V2(0x20, 0, []), "10.0.0.1"),
        ["v2 LOCAL with addresses"] = (V2(0x20, 0x11, s_four), "10.0.0.1"),
        ["v2 LOCAL with TLVs"] = (V2(0x20, 0, Tlv(4, new byte[9])), "10.0.0.1"),
        ["v2 UNSPEC"] = (V2(0x21, 0, []), "10.0.0.1"),
        ["v2 UNIX"] = (V2(0x21, 0x31, new byte[216]), "10.0.0.1"),
        ["v2 UDP4"] = (V2(0x21, 0x12, s_four), "10.0.0.1"),
    };

    private static byte[] s_four => [198, 51, 100, 7, 10, 0, 0, 2, 0xC8, 0x22, 0x1F, 0x90];

    private static byte[] s_six =>
        [0x20, 1, 0x0d, 0xb8, .. new byte[11], 7, 0x20, 1, 0x0d, 0xb8, .. new byte[11], 2, 0xC8, 0x22, 0x1F, 0x90];

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_proxy_names_the_client_in_its_own_segment_or_with_the_request(string name)
    {
        (byte[] header, string client) = s_headers[name];
        byte[] request = Ascii(Peer.Post(Peer.Call(1, "a")));
        Dialogue[] ways =
        [
            new Dialogue().Client(header).Client(request),
            new Dialogue().Client([.. header, .. request]),
            new Dialogue().Client(header[..7]).Client([.. header[7..], .. request[..40]]).Client(request[40..]),
        ];
        foreach (Dialogue way in ways)
        {
            way.Server(Peer.Ok(Peer.Result(1))).Client(Peer.Post(Peer.Call(2, "b"))).Server(Peer.Ok(Peer.Result(2)));
            way.IsTold(s_two);
            if (header.Length < 4096)
            {
                // A longer one, a byte a segment, is more than waits for its beginning.
                way.IsTold(s_two, opened: false);
            }

            Tracked tracked = new();
            tracked.Feed(way.ToWire(16)).Flush();
            Assert.All(
                tracked.Json,
                json =>
                    Assert.Equal(
                        client,
                        JsonDocument.Parse(json).RootElement.GetProperty("client").GetProperty("address").GetString()
                    )
            );
        }
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_proxy_names_the_client_before_a_tunnel(string name)
    {
        Inside(
                new Dialogue()
                    .Client([.. s_headers[name].Header, .. Ascii("CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n")])
                    .Server("HTTP/1.1 200 OK\r\n\r\n")
            )
            .IsTold(s_two);
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_balancers_probe_is_no_fault(string name)
    {
        new Dialogue().Client(s_headers[name].Header).IsTold([]);
        new Dialogue().Client(s_headers[name].Header).Server("").IsTold([], Ending.ByReset);
    }

    private static Dialogue Inside(Dialogue tunnel) =>
        tunnel
            .Client(Peer.Post(Peer.Call(1, "a")))
            .Server(Peer.Ok(Peer.Result(1)))
            .Client(Framing.Requests["chunked"](Peer.Call(2, "b")))
            .Server(Framing.Responses["events"](Peer.Result(2)));

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Tlv(byte type, ReadOnlySpan<byte> value) =>
        [type, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    private static byte[] V2(byte command, byte family, byte[] rest)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)rest.Length);
        return [.. "\r\n\r\n\0\r\nQUIT\n"u8, command, family, .. length, .. rest];
    }
}
