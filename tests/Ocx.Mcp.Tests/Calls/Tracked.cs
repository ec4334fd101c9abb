using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

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
    public IEnumerable<string> Summary =>
        Json.Select(json =>
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
