using System.IO.Compression;
using System.Text;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>The ways in which HTTP peers put one JSON text into a message.</summary>
internal static class Framing
{
    private const string JsonType = "Content-Type: application/json\r\n",
        EventsType = "Content-Type: text/event-stream\r\n";

    /// <summary>Requests by what is particular about them.</summary>
    public static IReadOnlyDictionary<string, Func<string, byte[]>> Requests { get; } =
        new Dictionary<string, Func<string, byte[]>>
        {
            ["length"] = json => Ascii(Peer.Post(json)),
            ["lower case"] = json =>
                Ascii(Post("content-type: application/json\r\ncontent-length: " + json.Length, json)),
            ["upper case"] = json =>
                Ascii(Post("CONTENT-TYPE: APPLICATION/JSON\r\nCONTENT-LENGTH:" + json.Length, json)),
            ["folded"] = json =>
                Ascii(
                    Post(
                        "Content-Type:\r\n application/json;\r\n\tcharset=utf-8\r\nContent-Length:\r\n\t" + json.Length,
                        json
                    )
                ),
            ["length twice"] = json =>
                Ascii(Post($"{JsonType}Content-Length: {json.Length}\r\nContent-Length: {json.Length}", json)),
            ["length as a list"] = json => Ascii(Post($"{JsonType}Content-Length: {json.Length}, {json.Length}", json)),
            ["chunked"] = json => Ascii(Post(JsonType + "Transfer-Encoding: chunked", Chunks(json))),
            ["chunked, small"] = json => Ascii(Post(JsonType + "transfer-encoding: Chunked", Chunks(json, 5))),
            ["chunked and length"] = json =>
                Ascii(Post(JsonType + "Content-Length: 5\r\nTransfer-Encoding: chunked", Chunks(json))),
            ["length and chunked"] = json =>
                Ascii(Post(JsonType + "Transfer-Encoding: chunked\r\nContent-Length: 99999", Chunks(json))),
            ["line feeds alone"] = json =>
                Ascii(
                    Post($"{JsonType}Content-Length: {json.Length}", string.Empty)
                        .Replace("\r\n", "\n", StringComparison.Ordinal) + json
                ),
            ["empty lines before"] = json => Ascii("\r\n\r\n" + Peer.Post(json)),
            ["whole target"] = json =>
                Ascii(Peer.Post(json).Replace("POST /mcp", "POST http://x/mcp", StringComparison.Ordinal)),
            ["HTTP/1.0"] = json => Ascii(Peer.Post(json).Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal)),
            ["byte order mark"] = json => Ascii(Peer.Post("\uFEFF" + json)),
            ["no type"] = json => Ascii(Post($"Content-Length: {json.Length}", json)),
            ["gzip"] = json => Coded("gzip", json),
            ["deflate"] = json => Coded("deflate", json),
            ["raw deflate"] = json => Coded("raw deflate", json),
            ["br"] = json => Coded("br", json),
            ["zstd"] = json => Coded("zstd", json),
        };

    /// <summary>Responses of which both ends know the end, whatever follows.</summary>
    public static IReadOnlyDictionary<string, Func<string, byte[]>> Responses { get; } = MakeResponses();

    /// <summary>Responses that last until the server closes.</summary>
    public static IReadOnlyDictionary<string, Func<string, byte[]>> UntilClose { get; } =
        new Dictionary<string, Func<string, byte[]>>
        {
            ["HTTP/1.0"] = json => Ascii($"HTTP/1.0 200 OK\r\n{JsonType}\r\n{json}"),
            ["HTTP/1.0, close"] = json => Ascii($"HTTP/1.0 200 OK\r\nConnection: close\r\n{JsonType}\r\n{json}"),
            ["HTTP/1.1, close"] = json => Ascii($"HTTP/1.1 200 OK\r\nConnection: close\r\n{JsonType}\r\n{json}"),
            ["HTTP/1.0, events"] = json => Ascii($"HTTP/1.0 200 OK\r\n{EventsType}\r\n{Event(json)}"),
            ["HTTP/1.1, events"] = json =>
                Ascii($"HTTP/1.1 200 OK\r\n{EventsType}Connection: close\r\n\r\n{Event(json)}"),
            ["gzip"] = json =>
                Join($"HTTP/1.0 200 OK\r\n{JsonType}Content-Encoding: gzip\r\n\r\n", Encode("gzip", json)),
            ["gzip as transfer coding"] = json =>
                Join($"HTTP/1.1 200 OK\r\n{JsonType}Transfer-Encoding: gzip\r\n\r\n", Encode("gzip", json)),
            ["br, events"] = json =>
                Join($"HTTP/1.1 200 OK\r\n{EventsType}Content-Encoding: br\r\n\r\n", Encode("br", Event(json))),
        };

    public static string Event(string json, string end = "\n") => $"event: message{end}data: {json}{end}{end}";

    /// <summary>A text in chunks of so many bytes, with the last one.</summary>
    public static string Chunks(string text, int size = int.MaxValue, string extension = "", string trailer = "")
    {
        var all = new StringBuilder();
        foreach (char[] part in text.Chunk(Math.Min(size, text.Length)))
        {
            all.Append(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{Encoding.UTF8.GetByteCount(part):X}{extension}\r\n"
                )
                .Append(part)
                .Append("\r\n");
        }

        return all.Append("0\r\n").Append(trailer).Append("\r\n").ToString();
    }

    public static byte[] Encode(string coding, string text)
    {
        using var to = new MemoryStream();
        using (
            Stream stream = coding switch
            {
                "gzip" or "x-gzip" => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true),
                "deflate" => new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true),
                "raw deflate" => new DeflateStream(to, CompressionLevel.Optimal, leaveOpen: true),
                "br" => new BrotliStream(to, CompressionLevel.Optimal, leaveOpen: true),
                "zstd" => new ZstdSharp.CompressionStream(to, leaveOpen: true),
                _ => throw new ArgumentException(coding),
            }
        )
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        return to.ToArray();
    }

    private static Dictionary<string, Func<string, byte[]>> MakeResponses()
    {
        var all = new Dictionary<string, Func<string, byte[]>>
        {
            ["length"] = json => Ascii(Peer.Ok(json)),
            ["keep-alive of HTTP/1.0"] = json =>
                Ascii(
                    $"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n"
                        + $"{JsonType}Content-Length: {json.Length}\r\n\r\n{json}"
                ),
            ["no reason"] = json => Ascii($"HTTP/1.1 200\r\n{JsonType}Content-Length: {json.Length}\r\n\r\n{json}"),
            ["lower case"] = json =>
                Ascii(
                    $"HTTP/1.1 200 ok\r\ncontent-type:application/json\r\ncontent-length:{json.Length}\r\n\r\n{json}"
                ),
            ["upper case"] = json =>
                Ascii(
                    $"HTTP/1.1 200 OK\r\nCONTENT-TYPE: APPLICATION/JSON\r\nCONTENT-LENGTH: {json.Length}\r\n\r\n{json}"
                ),
            ["folded"] = json =>
                Ascii(
                    $"HTTP/1.1 200 OK\r\nContent-Type: application/json;\r\n charset=utf-8\r\n"
                        + $"X-Other:\r\n a\r\n b\r\nContent-Length:\r\n {json.Length}\r\n\r\n{json}"
                ),
            ["four lengths"] = json =>
                Ascii(
                    $"HTTP/1.1 200 OK\r\n{JsonType}Content-Length: {json.Length}\r\n"
                        + $"Content-Length: {json.Length},{json.Length}\r\n"
                        + $"Content-Length: {json.Length}\r\n\r\n{json}"
                ),
            ["chunked and lengths that differ"] = json =>
                Ascii(
                    $"HTTP/1.1 200 OK\r\n{JsonType}Content-Length: 7\r\nContent-Length: 8\r\n"
                        + $"Transfer-Encoding: chunked\r\n\r\n{Chunks(json)}"
                ),
            ["chunked, extension and trailer"] = json =>
                Ascii(
                    $"HTTP/1.1 200 OK\r\n{JsonType}Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
                        + $"{Chunks(json, 9, ";a=b;c=\"d\"", "X: y\r\nZ: z\r\n")}"
                ),
            ["chunked, a byte each"] = json =>
                Ascii($"HTTP/1.1 200 OK\r\n{JsonType}TRANSFER-ENCODING: CHUNKED\r\n\r\n{Chunks(json, 1)}"),
            ["chunked, sizes padded"] = json =>
                Ascii(
                    $"HTTP/1.1 200 OK\r\n{JsonType}Transfer-Encoding: chunked\r\n\r\n"
                        + $"000000{json.Length:x}  \r\n{json}\r\n00000\r\n\r\n"
                ),
            ["chunked after identity"] = json =>
                Ascii(
                    $"HTTP/1.1 200 OK\r\n{JsonType}Transfer-Encoding: identity\r\n"
                        + $"Transfer-Encoding: chunked\r\n\r\n{Chunks(json)}"
                ),
            ["line feeds alone"] = json =>
                Ascii($"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: {json.Length}\n\n{json}"),
            ["100 before"] = json => Ascii("HTTP/1.1 100 Continue\r\n\r\n" + Peer.Ok(json)),
            ["103 and 102 before"] = json =>
                Ascii("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + Peer.Ok(json)),
            ["indented JSON"] = json =>
                Ascii(Peer.Ok("\r\n \t" + json.Replace(",", ",\r\n\t", StringComparison.Ordinal) + "\r\n")),
            ["byte order mark"] = json => Ascii(Peer.Ok("\uFEFF" + json)),
            ["no type"] = json => Ascii($"HTTP/1.1 200 OK\r\nContent-Length: {json.Length}\r\n\r\n{json}"),
            ["text"] = json =>
                Ascii($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {json.Length}\r\n\r\n{json}"),
            ["events"] = json =>
                Ascii($"HTTP/1.1 200 OK\r\n{EventsType}Transfer-Encoding: chunked\r\n\r\n{Chunks(Event(json))}"),
            ["events in chunks that cut them"] = json =>
                Ascii($"HTTP/1.1 200 OK\r\n{EventsType}Transfer-Encoding: chunked\r\n\r\n{Chunks(Event(json), 7)}"),
            ["events with a length"] = json =>
                Ascii(
                    $"HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream;charset=utf-8\r\n"
                        + $"Content-Length: {Event(json).Length}\r\n\r\n{Event(json)}"
                ),
            ["gzip as transfer coding"] = json =>
                Join(
                    $"HTTP/1.1 200 OK\r\n{JsonType}Transfer-Encoding: gzip, chunked\r\n\r\n",
                    OneChunk(Encode("gzip", json))
                ),
            ["gzip in two members"] = json =>
                Whole("gzip", JsonType, [.. Encode("gzip", json[..20]), .. Encode("gzip", json[20..])]),
            ["identity"] = json => Ascii(Peer.Ok(json, "Content-Encoding: identity\r\n")),
        };
        foreach (string coding in new[] { "gzip", "x-gzip", "deflate", "raw deflate", "br", "zstd" })
        {
            all[coding] = json => Whole(coding, JsonType, Encode(coding, json));
            all[coding + ", chunked"] = json =>
                Join(
                    $"HTTP/1.1 200 OK\r\n"
                        + $"{JsonType}Content-Encoding: {Name(coding).ToUpperInvariant()}\r\n"
                        + $"Transfer-Encoding: chunked\r\n\r\n",
                    OneChunk(Encode(coding, json))
                );
            all[coding + ", events"] = json => Whole(coding, EventsType, Encode(coding, Event(json)));
        }

        return all;
    }

    private static byte[] Whole(string coding, string type, byte[] coded) =>
        Join(
            $"HTTP/1.1 200 OK\r\n{type}Content-Encoding: {Name(coding)}\r\nContent-Length: {coded.Length}\r\n\r\n",
            coded
        );

    private static byte[] Coded(string coding, string json)
    {
        byte[] coded = Encode(coding, json);
        return Join(
            $"POST /mcp HTTP/1.1\r\nHost: x\r\n{JsonType}Content-Encoding: {Name(coding)}\r\n"
                + $"Content-Length: {coded.Length}\r\n\r\n",
            coded
        );
    }

    private static string Name(string coding) => coding.Split(' ')[^1];

    private static string Post(string headers, string body) =>
        $"POST /mcp HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n{body}";

    private static byte[] OneChunk(byte[] data) => [.. Ascii($"{data.Length:x}\r\n"), .. data, .. "\r\n0\r\n\r\n"u8];

    private static byte[] Join(string head, byte[] body) => [.. Ascii(head), .. body];

    private static byte[] Ascii(string text) => Encoding.UTF8.GetBytes(text);
}
