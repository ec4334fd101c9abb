using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Ocx.GateBench.Calls;

/// <summary>
/// Requests as the TypeScript SDK's client writes them, and answers as its server does, with their length.
/// </summary>
internal static class McpText
{
    public const int BigLength = 1 << 20;
    public const string Protocol = "2025-06-18";

    /// <summary>All ids have this many digits, so that one stands where the last one stood.</summary>
    public const int IdDigits = 9;
    public const int FirstId = 100_000_000;

    private const string NoId = "000000000";
    private const string Party = """{"name":"bench","version":"1.0.0"}""";
    private const string Tools = """{"tools":{}}""";

    public static byte[] Initialize(string host) =>
        Request(
            host,
            "",
            $$"""{"method":"initialize","params":{{{Offer("{}")}},"clientInfo":{{Party}}},"jsonrpc":"2.0","""
                + $$""" "id":{{FirstId}}}""".TrimStart()
        );

    public static byte[] Initialized(string host, string session) =>
        Request(host, session, """{"method":"notifications/initialized","jsonrpc":"2.0"}""");

    /// <summary>A call whose ids are still to be set.</summary>
    public static byte[] Call(string host, string session, string tool)
    {
        string arguments = $$"""{"order":"{{NoId}}","customer":"Ada Lovelace","table":"orders","limit":100}""";
        string call = $$"""{"name":"{{tool}}","arguments":{{arguments}}}""";
        return Request(host, session, $$"""{"method":"tools/call","params":{{call}},"jsonrpc":"2.0","id":{{NoId}}}""");
    }

    /// <summary>What a tool gives back, and an answer to which its id is still to be set.</summary>
    public static byte[] Answer(string session, string tool)
    {
        string text = tool.EndsWith("big", StringComparison.Ordinal)
            ? BigText()
            : "2 rows, of which the first is Ada's";
        return Response(
            session,
            $$"""{"result":{"content":[{"type":"text","text":"{{text}}"}]},"jsonrpc":"2.0","id":{{NoId}}}"""
        );
    }

    public static byte[] Welcome(string session) =>
        Response(
            session,
            $$"""{"result":{{{Offer(Tools)}},"serverInfo":{{Party}}},"jsonrpc":"2.0","id":{{FirstId}}}"""
        );

    public static byte[] Accepted { get; } =
        Encoding.ASCII.GetBytes("HTTP/1.1 202 Accepted\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");

    /// <summary>Places where an id is to be set.</summary>
    public static int[] Ids(ReadOnlySpan<byte> message)
    {
        var places = new List<int>();
        ReadOnlySpan<byte> id = Encoding.ASCII.GetBytes(NoId);
        for (int at = 0; message[at..].IndexOf(id) is >= 0 and int next; at += IdDigits)
        {
            at += next;
            places.Add(at);
        }
        return [.. places];
    }

    /// <summary>The id at the end of a body.</summary>
    public static int Id(ReadOnlySpan<byte> body) =>
        int.Parse(body[^(IdDigits + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture);

    public static void SetId(Span<byte> message, int[] places, int id)
    {
        foreach (int place in places)
        {
            Utf8.TryWrite(message.Slice(place, IdDigits), CultureInfo.InvariantCulture, $"{id}", out _);
        }
    }

    private static string Offer(string capabilities) =>
        $""" "protocolVersion":"{Protocol}","capabilities":{capabilities} """.Trim();

    // Text that no compression and no run of equal bytes makes shorter than it is.
    private static string BigText()
    {
        var text = new StringBuilder(BigLength);
        for (int row = 0; text.Length < BigLength; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"row {row} of orders, sum {row * 7919 % 10007}; ");
        }
        return text.ToString(0, BigLength);
    }

    private static byte[] Request(string host, string session, string body)
    {
        string known = session.Length > 0 ? $"mcp-session-id: {session}\r\nmcp-protocol-version: {Protocol}\r\n" : "";
        return Encoding.ASCII.GetBytes(
            $"POST /mcp HTTP/1.1\r\nhost: {host}\r\nconnection: keep-alive\r\n{known}"
                + "accept: application/json, text/event-stream\r\ncontent-type: application/json\r\n"
                + "accept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\n"
                + $"content-length: {body.Length}\r\n\r\n{body}"
        );
    }

    private static byte[] Response(string session, string body) =>
        Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nmcp-session-id: {session}\r\n"
                + "Date: Fri, 27 Nov 2026 12:00:00 GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=600\r\n"
                + $"Content-Length: {body.Length}\r\n\r\n{body}"
        );
}
