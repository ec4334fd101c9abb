using System.IO.Compression;
using System.Text;

namespace Ocx.Kernel.Tests.Soak;

/// <summary>
/// Conversations that someone would hold who wants to deceive, exhaust or end whoever watches: what the parser's
/// fuzzers found worth keeping, and inputs made for one weakness each.
/// </summary>
internal static class HostileScripts
{
    private const int Huge = 500_000;

    private static readonly string s_result =
        """{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"ok"}]}}""";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PeerScript> All() => [.. Made(), .. Bombs(), .. Corpora()];

    private static IEnumerable<PeerScript> Made()
    {
        string huge = new('m', Huge);
        yield return Call("a huge method", $$"""{"jsonrpc":"2.0","id":1,"method":"{{huge}}"}""");
        yield return Call(
            "a huge tool",
            $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{huge}}}"}}"""
        );
        yield return Call("a huge id", $$"""{"jsonrpc":"2.0","id":"{{huge}}","method":"tools/list"}""");
        yield return Call(
            "huge client info",
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"clientInfo":"""
                + $$"""{"version":"{{huge}}","name":"{{huge}}"}"""
                + "}}"
        );
        yield return Call(
            "a huge session",
            """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""",
            $"Mcp-Session-Id: {new string('s', 60_000)}\r\n"
        );
        yield return Call(
            "a huge name in a header",
            """{"jsonrpc":"2.0","id":1,"method":"tools/call"}""",
            $"Mcp-Method: tools/call\r\nMcp-Name: {new string('n', 60_000)}\r\n"
        );
        yield return Call(
            "a forged record",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"arguments\":[\n"
                + """{"start":"2026-01-01T00:00:00Z","durationNs":1"""
                + ""","method":"tools/call","name":"innocent","status":"ok"}"""
                + "\n]}}"
        );
        yield return Call(
            "marks that a terminal acts on",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":"
                + "{\"name\":\"\\u001b[2J\\u202e\\u200b\\ud83d\",\"arguments\":{\"a\u202eb\":\"\u009b\"}}}"
        );
        yield return Call(
            "a body beyond the bound",
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"""
                + $$$"""{"arguments":"{{{new string('x', 3 << 20)}}}"}}"""
        );
        yield return Call(
            "an answer beyond the bound",
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}""",
            answer: $$$"""{"jsonrpc":"2.0","result":{"content":"{{{new string('x', 3 << 20)}}}"},"id":1}"""
        );
        yield return Call("deep nesting", new string('[', 100_000));
        yield return Call(
            "a batch of 20,000",
            "[" + string.Join(',', Enumerable.Repeat("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", 20_000)) + "]"
        );
        yield return Call(
            "a credential in every place",
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":"""
                + """{"sk-live-0123456789abcdef":{"password":"hunter2hunter2"}}}}"""
        );
        yield return new(
            "a length of 2^62",
            Bytes("POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 4611686018427387904\r\n\r\n{"),
            []
        );
        yield return new(
            "an endless chunk extension",
            Bytes("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;" + new string('x', 200_000)),
            []
        );
        yield return new(
            "an endless head",
            Bytes("GET / HTTP/1.1\r\n" + string.Concat(Enumerable.Repeat("X-A: b\r\n", 40_000))),
            []
        );
        yield return new(
            "a pipeline of 2,000",
            Bytes(
                string.Concat(Enumerable.Repeat(Request("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""), 2_000))
            ),
            []
        );
        yield return new(
            "an event without an end",
            Bytes(Request("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""")),
            Bytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: " + new string('x', 4 << 20))
        );
        yield return new(
            "lines that never end",
            Bytes("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + new string('x', 2 << 20)),
            Bytes("{")
        );
        yield return new("an answer that nobody asked for", [], Bytes(Response("application/json", s_result)));
        yield return new("half of TLS", [0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3, .. new byte[4000]], []);
    }

    // Small on the wire and large when decoded, in each coding that is decoded, as one message and as events.
    private static IEnumerable<PeerScript> Bombs()
    {
        byte[] zeros = new byte[64 << 20],
            events = [.. "data: "u8, .. zeros];
        (string, byte[])[] bombs =
        [
            ("br", File.ReadAllBytes(Checkout.PathOf("tests", "captures", "field", "sse-bomb.br"))),
            ("gzip", Pack(events, to => new GZipStream(to, CompressionLevel.Optimal))),
            ("deflate", Pack(events, to => new ZLibStream(to, CompressionLevel.Optimal))),
        ];
        foreach ((string coding, byte[] body) in bombs)
        {
            foreach (string type in new[] { "text/event-stream", "application/json" })
            {
                byte[] head = Bytes(
                    $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Encoding: {coding}\r\n"
                        + $"Content-Length: {body.Length}\r\n\r\n"
                );
                yield return new(
                    $"a {coding} bomb as {type}",
                    Bytes(Request("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""")),
                    [.. head, .. body]
                );
            }
        }
    }

    // The parsers' corpora: each text as what a client says, and as the body of an answer.
    private static IEnumerable<PeerScript> Corpora()
    {
        foreach (
            string file in Directory
                .GetFiles(Checkout.PathOf("tests", "Ocx.Fuzz", "corpus"), "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
        )
        {
            byte[] bytes = File.ReadAllBytes(file);
            string name = string.Join('/', file.Split(Path.DirectorySeparatorChar)[^2..]);
            yield return new($"{name} from the client", bytes, Bytes(Response("application/json", s_result)));
            foreach (string type in new[] { "application/json", "text/event-stream" })
            {
                byte[] head = Bytes(
                    $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {bytes.Length}\r\n\r\n"
                );
                yield return new(
                    $"{name} as {type}",
                    Bytes(Request("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""")),
                    [.. head, .. bytes]
                );
            }
        }
    }

    private static PeerScript Call(string name, string message, string fields = "", string? answer = null) =>
        new(name, Bytes(Request(message, fields)), Bytes(Response("application/json", answer ?? s_result)));

    private static string Request(string body, string fields = "") =>
        "POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + $"{fields}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    private static string Response(string type, string body) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Pack(byte[] data, Func<Stream, Stream> coding)
    {
        using var packed = new MemoryStream();
        using (Stream coder = coding(packed))
        {
            coder.Write(data);
        }
        return packed.ToArray();
    }
}
