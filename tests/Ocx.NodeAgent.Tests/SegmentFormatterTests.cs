using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Pairing;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Output;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public sealed class SegmentFormatterTests : IDisposable
{
    private readonly SocketOwners _owners = new();
    private readonly ISegmentFormatter _json;
    private readonly ISegmentFormatter _text;

    public SegmentFormatterTests()
    {
        var names = new InterfaceNames();
        _json = new JsonSegmentFormatter(names, _owners, new MonotonicClock());
        _text = new TextSegmentFormatter(names, _owners, new MonotonicClock());
    }

    public void Dispose() => _owners.Dispose();

    [Fact]
    public void Json_is_one_object_a_line_with_every_field()
    {
        string line = Format(
            _json,
            Records.Ipv4("{\"jsonrpc\":\"2.0\"}\n"u8, SegmentFlags.Outgoing | SegmentFlags.Truncated, cut: 5)
        );

        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        JsonElement json = JsonDocument.Parse(line).RootElement;
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$", json.GetProperty("timestamp").GetString());
        Assert.Equal("lo", json.GetProperty("interface").GetString());
        Assert.Equal("out", json.GetProperty("direction").GetString());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("pid").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("tid").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("comm").ValueKind);
        Assert.Equal("10.0.1.5", json.GetProperty("source").GetProperty("address").GetString());
        Assert.Equal(54321, json.GetProperty("source").GetProperty("port").GetInt32());
        Assert.Equal("10.0.1.10", json.GetProperty("destination").GetProperty("address").GetString());
        Assert.Equal(8080, json.GetProperty("destination").GetProperty("port").GetInt32());
        Assert.Equal(4_000_000_000, json.GetProperty("seq").GetUInt32());
        Assert.Equal(23, json.GetProperty("length").GetInt32());
        Assert.Equal(18, json.GetProperty("captured").GetInt32());
        Assert.True(json.GetProperty("truncated").GetBoolean());
        Assert.Equal("{\"jsonrpc\":\"2.0\"}\n", json.GetProperty("payload").GetString());
        Assert.False(json.TryGetProperty("payloadBase64", out _));
    }

    [Fact]
    public void A_segment_without_payload_is_not_printed()
    {
        Assert.Empty(Format(_json, Records.Ipv4([])));
        Assert.Empty(Format(_text, Records.Ipv4([])));
    }

    [Fact]
    public void Any_payload_comes_back_from_json_byte_for_byte() =>
        Prop.ForAll<byte[]>(payload =>
            {
                if (payload.Length == 0)
                {
                    return true;
                }

                JsonElement json = JsonDocument.Parse(Format(_json, Records.Ipv4(payload))).RootElement;
                byte[] back = json.TryGetProperty("payload", out JsonElement text)
                    ? Encoding.UTF8.GetBytes(text.GetString()!)
                    : json.GetProperty("payloadBase64").GetBytesFromBase64();
                return back.AsSpan().SequenceEqual(payload);
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void With_metadata_alone_no_payload_is_in_the_output()
    {
        const string Secret = "{\"jsonrpc\":\"2.0\",\"params\":\"secret\"}";
        var names = new InterfaceNames();
        ISegmentFormatter[] formatters =
        [
            new JsonSegmentFormatter(names, _owners, new MonotonicClock(), PayloadMode.Metadata),
            new TextSegmentFormatter(names, _owners, new MonotonicClock(), PayloadMode.Metadata),
        ];
        Assert.All(
            formatters,
            formatter =>
            {
                string output = Format(formatter, Records.Ipv4(Encoding.UTF8.GetBytes(Secret)));
                Assert.Contains("10.0.1.10", output, StringComparison.Ordinal);
                Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
                Assert.DoesNotContain("ayload\"", output, StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public void Text_is_the_block_that_users_know()
    {
        string[] lines = Format(_text, Records.Ipv4("{\"jsonrpc\":\"2.0\"}\r\n"u8)).Split('\n');

        Assert.Equal("Intercepted MCP Traffic:", lines[0]);
        Assert.Equal("  PID: -, TID: -", lines[1]);
        Assert.Equal("  Source: 10.0.1.5:54321", lines[2]);
        Assert.Equal("  Destination: 10.0.1.10:8080", lines[3]);
        Assert.Equal("  Interface: lo (in)", lines[4]);
        Assert.Equal("  Payload Length: 19 bytes", lines[5]);
        Assert.StartsWith("  Timestamp: 20", lines[6], StringComparison.Ordinal);
        Assert.Equal("  Payload preview: {\"jsonrpc\":\"2.0\"}\\r\\n", lines[7]);
    }

    [Theory]
    [InlineData(new byte[] { 0x1B, (byte)'[', (byte)'2', (byte)'J' }, "\\u{1b}[2J")]
    [InlineData(new byte[] { 0xFF, (byte)'a', 0xC3 }, "\\xffa\\xc3")]
    [InlineData(new byte[] { 0xE2, 0x80, 0xAE }, "\\u{202e}")]
    [InlineData(new byte[] { (byte)'\\', (byte)'\t' }, "\\\\\\t")]
    public void A_preview_cannot_drive_the_terminal(byte[] payload, string preview) =>
        Assert.Equal(preview, TextSegmentFormatter.Preview(payload));

    [Fact]
    public void Any_preview_is_one_printable_line() =>
        Prop.ForAll<byte[]>(payload => !TextSegmentFormatter.Preview(payload).Any(char.IsControl))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_long_preview_is_cut() =>
        Assert.EndsWith("...", TextSegmentFormatter.Preview(new byte[500]), StringComparison.Ordinal);

    private static string Format(ISegmentFormatter formatter, byte[] record)
    {
        var output = new ArrayBufferWriter<byte>();
        formatter.Format(CapturedSegment.Read(record), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
