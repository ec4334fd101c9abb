using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Calls;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>A tracker whose calls are kept as their JSON.</summary>
public sealed class Tracked : IMcpSink
{
    public Tracked(McpOptions? options = null) => Tracker = new(options ?? new(), this);

    public McpTracker Tracker { get; }

    public List<string> Json { get; } = [];

    /// <summary>Looks at each record while it is lent.</summary>
    public Action<CallRecord> Look { get; init; } = _ => { };

    public List<string> Lines { get; } = [];

    public List<UnreadableConnection> Unreadable { get; } = [];

    public long Now { get; set; } = 1_700_000_000_000_000_000;

    public JsonElement Only => JsonDocument.Parse(Assert.Single(Json)).RootElement;

    /// <summary>Method, name and status of each call.</summary>
    public IEnumerable<string> Summary => Json.Select(json =>
    {
        JsonElement call = JsonDocument.Parse(json).RootElement;
        string name = call.TryGetProperty("name", out JsonElement value) ? " " + value.GetString() : string.Empty;
        return $"{call.GetProperty("method").GetString()}{name} {call.GetProperty("status").GetString()}";
    });

    public Tracked Feed(Wire wire, IEnumerable<Sent> log, long stepNs = 1000)
    {
        foreach (Sent sent in log)
        {
            Tracker.Accept(wire.At(sent, Now += stepNs));
        }

        return this;
    }

    public Tracked Feed(Wire wire) => Feed(wire, wire.Log);

    public Tracked Flush()
    {
        Tracker.Flush(Now);
        Assert.Equal(0, Tracker.Stats.HeldBytes);
        return this;
    }

    public void OnCall(CallRecord record)
    {
        Look(record);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            CallRecordWriter.Write(writer, record);
        }

        Json.Add(Encoding.UTF8.GetString(buffer.WrittenSpan));
        Lines.Add(CallRecordWriter.ToLine(record));
    }

    public void OnUnreadable(in UnreadableConnection connection) => Unreadable.Add(connection);
}

/// <summary>HTTP messages as MCP peers write them.</summary>
public static class Peer
{
    public static string Post(string body, string headers = "") =>
        $"POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public static string Ok(string body, string headers = "") => Status("200 OK", body, headers);

    public static string Status(string status, string body, string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public static string Accepted => "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

    public static string EventStream(string headers = "") =>
        $"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{headers}Transfer-Encoding: chunked\r\n\r\n";

    public static string Event(string data, string type = "message") => Chunk($"event: {type}\ndata: {data}\n\n");

    public static string Chunk(string data) => $"{Encoding.UTF8.GetByteCount(data):x}\r\n{data}\r\n";

    public const string LastChunk = "0\r\n\r\n";

    public static string Call(int id, string tool = "echo", string arguments = "{}", string meta = "") =>
        $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}{{{meta}}}}}""";

    public static string Result(int id, string result = """{"content":[]}""") => $$"""{"jsonrpc":"2.0","id":{{id}},"result":{{result}}}""";
}
