using Ocx.Mcp.Records;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>What the tap does not read has a name each, from its beginning and from its middle.</summary>
public sealed class UnreadableSiblingTests
{
    private static readonly byte[] s_encrypted = [0x17, 3, 3, 0, 40, .. new byte[40]];
    private static readonly byte[] s_settings = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100];

    private static readonly Dictionary<string, (Dialogue Said, bool Opened, string Counted)> s_kinds = new()
    {
        ["TLS"] = (
            new Dialogue()
                .Client(CallTests.ClientHello("mcp.example.com", "h2"))
                .Server([0x16, 3, 3, 0, 4, 2, 0, 0, 0]),
            true,
            "1 TLS"
        ),
        ["TLS from its middle"] = (new Dialogue().Client(s_encrypted).Server(s_encrypted), false, "1 TLS"),
        ["TLS from a server's record"] = (new Dialogue().Server(s_encrypted).Client(s_encrypted), false, "1 TLS"),
        ["a TLS alert"] = (new Dialogue().Server([0x15, 3, 3, 0, 2, 1, 0]), false, "1 TLS"),
        ["TLS behind PROXY"] = (
            new Dialogue().Client("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n").Client(CallTests.ClientHello("x", "h2")),
            true,
            "1 TLS"
        ),
        ["TLS in a tunnel"] = (
            new Dialogue()
                .Client("CONNECT x:443 HTTP/1.1\r\n\r\n")
                .Server("HTTP/1.1 200 OK\r\n\r\n")
                .Client(CallTests.ClientHello("x", "h2")),
            true,
            "1 TLS"
        ),
        ["HTTP/2"] = (
            new Dialogue().Client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").Client(s_settings).Server(s_settings),
            true,
            "1 HTTP/2"
        ),
        ["HTTP/2, the server alone"] = (
            new Dialogue().Server(s_settings).Server([0, 0, 0, 4, 1, 0, 0, 0, 0]),
            true,
            "1 HTTP/2"
        ),
        ["HTTP/2 by upgrade"] = (
            new Dialogue()
                .Client(
                    "GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                        + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
                )
                .Server("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
                .Server(s_settings),
            true,
            "1 upgraded"
        ),
        ["WebSocket"] = (
            new Dialogue()
                .Client(
                    "GET /mcp HTTP/1.1\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\nSec-WebSocket-Protocol: mcp\r\n\r\n"
                )
                .Server("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
                .Client([0x81, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9])
                .Server([0x81, 2, (byte)'{', (byte)'}']),
            true,
            "1 upgraded"
        ),
        ["SSH"] = (
            new Dialogue().Server("SSH-2.0-OpenSSH_9.7\r\n").Client("SSH-2.0-OpenSSH_9.7\r\n"),
            true,
            "2 unknown"
        ),
        ["SSH in a tunnel"] = (
            new Dialogue()
                .Client("CONNECT x:22 HTTP/1.1\r\n\r\n")
                .Server("HTTP/1.1 200 OK\r\n\r\n")
                .Server("SSH-2.0-x\r\n")
                .Client("SSH-2.0-y\r\n"),
            true,
            "1 upgraded"
        ),
        ["a coding of nobody"] = (
            new Dialogue()
                .Client("GET / HTTP/1.1\r\n\r\n")
                .Server(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: lzma\r\n"
                        + "Content-Length: 5\r\n\r\nabcde"
                ),
            true,
            "1 undecodable"
        ),
        ["two codings"] = (
            new Dialogue()
                .Client("GET / HTTP/1.1\r\n\r\n")
                .Server(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip, br\r\n"
                        + "Content-Length: 5\r\n\r\nabcde"
                ),
            true,
            "1 undecodable"
        ),
        ["a broken coding"] = (
            new Dialogue()
                .Client("GET / HTTP/1.1\r\n\r\n")
                .Server(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
                        + "Content-Length: 5\r\n\r\nabcde"
                ),
            true,
            "1 undecodable"
        ),
        ["no JSON"] = (
            new Dialogue().Client(Peer.Post("{\"a\"")).Server(Peer.Ok("{\"jsonrpc\":\"2.0\",}")),
            true,
            "2 no JSON"
        ),
    };

    public static TheoryData<string> Kinds => [.. s_kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_is_counted_once_by_its_name(string kind)
    {
        (Dialogue said, bool opened, string expected) = s_kinds[kind];
        foreach (int split in Dialogue.Splits)
        {
            Tracked tracked = new();
            tracked.Feed(said.ToWire(split, opened: opened)).Flush();
            McpStats stats = tracked.Tracker.Stats;
            string counted = string.Join(
                ", ",
                new (string Name, long Count)[]
                {
                    ("TLS", stats.Tls),
                    ("HTTP/2", stats.Http2),
                    ("upgraded", stats.Upgraded),
                    ("unknown", stats.UnknownStreams),
                    ("undecodable", stats.Undecodable),
                    ("no JSON", stats.MalformedJson),
                }
                    .Where(count => count.Count > 0)
                    .Select(count => $"{count.Count} {count.Name}")
            );
            Assert.Equal($"{kind}, {split}: {expected}", $"{kind}, {split}: {counted}");
            Assert.Empty(tracked.Json);
        }
    }

    [Fact]
    public void Of_an_encrypted_connection_met_in_its_middle_the_one_with_the_greater_port_is_the_client()
    {
        Tracked tracked = new();
        tracked.Feed(new Dialogue().Client(s_encrypted).ToWire(1400, opened: false)).Flush();
        UnreadableConnection seen = Assert.Single(tracked.Unreadable);
        Assert.Equal(40000, seen.Client.Port);
    }
}
