using System.Text;
using Ocx.Mcp.Tcp;

namespace Ocx.McpBench;

/// <summary>
/// A captured session of many connections: calls of 1 KiB each way, one segment a message, interleaved.
/// </summary>
internal sealed class Session
{
    /// <summary>How many connections the calls take in turn.</summary>
    public const int Connections = 64;

    private static readonly IpEndpoint s_server = IpEndpoint.From([10, 0, 0, 2], 8080);
    private readonly Segment[] _segments;
    private int _count;

    public Session(int calls)
    {
        // Connections begin far from each other, as they do on any machine.
        uint[] client = [.. Enumerable.Range(1, Connections).Select(i => (uint)i << 25)],
            server = [.. client.Select(first => ~first)];
        _segments = new Segment[2 * calls];
        for (int i = 0; i < calls; i++)
        {
            int connection = i % Connections;
            byte[] request = Request(i),
                response = Response(i);
            Add(connection, true, request, ref client[connection], server[connection]);
            Add(connection, false, response, ref server[connection], client[connection]);
        }
    }

    public ReadOnlySpan<Segment> Segments => _segments;

    /// <summary>The bytes that the client, and the server, send on each connection.</summary>
    public (uint Client, uint Server)[] Sent { get; } = new (uint, uint)[Connections];

    public long Bytes => _segments.Sum(segment => (long)segment.Payload.Length);

    private void Add(int connection, bool fromClient, byte[] payload, ref uint sequence, uint acknowledgment)
    {
        IpEndpoint client = IpEndpoint.From([10, 0, 0, 1], (ushort)(40000 + connection));
        _segments[_count++] = new(
            fromClient ? client : s_server,
            fromClient ? s_server : client,
            sequence,
            acknowledgment,
            payload,
            payload.AsSpan().IndexOf("\r\n\r\n"u8) + 4
        );
        sequence += (uint)payload.Length;
        (uint byClient, uint byServer) = Sent[connection];
        Sent[connection] = fromClient
            ? (byClient + (uint)payload.Length, byServer)
            : (byClient, byServer + (uint)payload.Length);
    }

    private static byte[] Request(int i)
    {
        string body = Pad(
            $$$"""{"jsonrpc":"2.0","id":{{{i}}},"method":"tools/call","params":"""
                + """{"name":"search_documents","arguments":{"query":"how do the packets pass","limit":20"""
                + ""","text":"%"} } }""",
            740
        );
        return Encoding.UTF8.GetBytes(
            "POST /mcp HTTP/1.1\r\nHost: mcp.example.com:8080\r\nUser-Agent: bench\r\n"
                + "Accept: application/json, text/event-stream\r\n"
                + "Mcp-Session-Id: 5f0c2b8e6d3a4f4c9a7e1d2c3b4a5968\r\nMCP-Protocol-Version: 2025-11-25\r\n"
                + $"Content-Type: application/json; charset=utf-8\r\nContent-Length: {body.Length}\r\n\r\n{body}"
        );
    }

    private static byte[] Response(int i)
    {
        string body = Pad(
            $$$"""{"jsonrpc":"2.0","id":{{{i}}},"result":{"content":[{"type":"text","text":"%"}],"isError":false}}""",
            880
        );
        return Encoding.UTF8.GetBytes(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Tue, 24 Nov 2026 12:00:00 GMT\r\n"
                + "Server: Kestrel\r\n"
                + $"Content-Length: {body.Length}\r\n\r\n{body}"
        );
    }

    private static string Pad(string body, int length)
    {
        const string Words = "the quick brown fox jumps over the lazy dog and writes it down ";
        return body.Replace(
            "%",
            string.Concat(Enumerable.Repeat(Words, 20))[..(length - body.Length + 1)],
            StringComparison.Ordinal
        );
    }
}

/// <summary>One segment of a session: a message, whose body begins at <paramref name="Body"/>.</summary>
internal readonly record struct Segment(
    IpEndpoint Source,
    IpEndpoint Destination,
    uint Sequence,
    uint Acknowledgment,
    byte[] Payload,
    int Body
)
{
    /// <summary>The segment as the tap hands it on.</summary>
    /// <param name="timeNs">When.</param>
    /// <param name="ahead">How far the sender has come since, in bytes.</param>
    /// <param name="peerAhead">And its peer.</param>
    public TcpSegment AsCaptured(long timeNs, uint ahead = 0, uint peerAhead = 0) =>
        new()
        {
            TimestampUnixNs = timeNs,
            Source = Source,
            Destination = Destination,
            Sequence = unchecked(Sequence + ahead),
            Acknowledgment = unchecked(Acknowledgment + peerAhead),
            Flags = TcpFlags.Ack,
            Length = Payload.Length,
            Payload = Payload,
        };
}
