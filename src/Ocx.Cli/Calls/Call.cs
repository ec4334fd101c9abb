using System.Globalization;
using System.Text.Json;

namespace Ocx.Cli.Calls;

/// <summary>A finished MCP call, read from the line that an agent wrote about it (docs/mcp.md).</summary>
internal sealed class Call
{
    private const int MaxDepth = 256;

    private Call(JsonElement json)
    {
        Json = json;
        Start = json.Text("start");
        Duration = TimeSpan.FromTicks(Math.Max(0, json.Number("durationNs")) / 100);
        Method = json.Text("method");
        Name = json.Text("name");
        Status = json.Text("status");
        Completeness = json.Text("completeness");
        ProtocolVersion = json.Text("protocolVersion");
        Session = json.Text("session");
        Tap = json.Text("tap");
        Node = json.Text("node");
        ErrorCode = json.Number("errorCode");
        HttpStatus = json.Number("httpStatus");
        RequestBytes = json.Number("requestBytes");
        ResponseBytes = json.Number("responseBytes");
        Client = Peer.Read(json, "client");
        Server = Peer.Read(json, "server");
        if (DateTimeOffset.TryParse(Start, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset start))
        {
            StartTime = start;
        }
    }

    /// <summary>The line itself.</summary>
    public JsonElement Json { get; }

    /// <summary>When it began, as the line has it.</summary>
    public string Start { get; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartTime { get; }

    /// <summary>When it was over.</summary>
    public DateTimeOffset EndTime => StartTime + (Duration < DateTimeOffset.MaxValue - StartTime ? Duration : TimeSpan.Zero);

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; }

    /// <summary>The JSON-RPC method.</summary>
    public string Method { get; }

    /// <summary>Tool, prompt or resource.</summary>
    public string Name { get; }

    /// <summary>How it ended.</summary>
    public string Status { get; }

    /// <summary>What the record rests on.</summary>
    public string Completeness { get; }

    /// <summary>The MCP revision.</summary>
    public string ProtocolVersion { get; }

    /// <summary>The session's id.</summary>
    public string Session { get; }

    /// <summary>The McpTap whose agent saw it.</summary>
    public string Tap { get; private init; }

    /// <summary>The node whose agent saw it.</summary>
    public string Node { get; private init; }

    /// <summary>The JSON-RPC error's code, or 0.</summary>
    public long ErrorCode { get; }

    /// <summary>The HTTP status, or 0.</summary>
    public long HttpStatus { get; }

    /// <summary>Bytes of the request's message.</summary>
    public long RequestBytes { get; }

    /// <summary>Bytes of the answer's message.</summary>
    public long ResponseBytes { get; }

    /// <summary>The MCP client.</summary>
    public Peer Client { get; }

    /// <summary>The MCP server.</summary>
    public Peer Server { get; }

    /// <summary>Did it fail: of the tool, of JSON-RPC, of HTTP, or by a time-out?</summary>
    public bool IsError => Status is "tool_error" or "rpc_error" or "http_error" or "timeout";

    /// <summary>Reads a line; null when it is something else, such as the agent's own log.</summary>
    public static Call? TryParse(ReadOnlyMemory<byte> line, string tap = "", string node = "")
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = MaxDepth });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || root.Text("method").Length == 0 || root.Text("status").Length == 0
                || !root.TryGetProperty("durationNs", out _) || root.TryGetProperty("@t", out _))
            {
                return null;
            }

            var call = new Call(root.Clone());
            return tap.Length == 0 && node.Length == 0 ? call : new Call(call.Json) { Tap = tap, Node = node };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
