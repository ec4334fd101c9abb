using System.Text;

namespace Ocx.AuditBench;

/// <summary>A request and its answer, as MCP's Streamable HTTP has them.</summary>
internal static class McpText
{
    private const string Result = """{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}""";

    public static byte[] Answer { get; } =
        Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Result.Length}\r\n\r\n{Result}"
        );

    public static byte[] Request(int port, string arguments)
    {
        string call = $$$"""{"name":"create_order","arguments":{{{arguments}}}}""";
        string body = $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{{call}}}}""";
        return Encoding.ASCII.GetBytes(
            $"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
                + $"Accept: application/json, text/event-stream\r\nContent-Length: {body.Length}\r\n\r\n{body}"
        );
    }
}
