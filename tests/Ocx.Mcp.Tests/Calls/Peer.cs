using System.Text;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>HTTP messages as MCP peers write them.</summary>
public static class Peer
{
    public static string Post(string body, string headers = "") =>
        "POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + $"{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public static string Ok(string body, string headers = "") => Status("200 OK", body, headers);

    public static string Status(string status, string body, string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public static string Accepted => "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

    public static string EventStream(string headers = "") =>
        $"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{headers}Transfer-Encoding: chunked\r\n\r\n";

    public static string Event(string data, string type = "message") => Chunk($"event: {type}\ndata: {data}\n\n");

    public static string Chunk(string data) => $"{Encoding.UTF8.GetByteCount(data):x}\r\n{data}\r\n";

    public const string LastChunk = "0\r\n\r\n";

    public static string Call(int id, string tool = "echo", string arguments = "{}", string meta = "") =>
        $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tools/call","params":"""
        + $$$"""{"name":"{{{tool}}}","arguments":{{{arguments}}}{{{meta}}}}}""";

    public static string Result(int id, string result = """{"content":[]}""") =>
        $$"""{"jsonrpc":"2.0","id":{{id}},"result":{{result}}}""";
}
