using System.Text.Json;
using Ocx.Mcp;
using Ocx.Mcp.Http;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.Text;

namespace Ocx.Fuzz;

/// <summary>
/// From segments to call records. An input is a list of segments with a byte 0xFF between, which is in no UTF-8 text;
/// the first letter of each says what it is: c and s are sent by client and server, C and S are sent unseen, r and R
/// are sent again, o and O are sent ahead of the next one, f, F and x end a stream or the connection, n opens the next
/// one, t lets a minute pass. The rest is the payload.
/// </summary>
internal static class CallsTarget
{
    private const long MaxMemory = 4 << 20;
    private const long Piece = 16 << 10;
    private const long Minute = 60_000_000_000;

    private static readonly IpEndpoint s_server = IpEndpoint.From([10, 0, 0, 2], 8080);

    public static void Parse(byte[] input)
    {
        foreach (PayloadMode payload in Enum.GetValues<PayloadMode>())
        {
            Follow(
                input,
                new McpOptions
                {
                    MaxMemoryBytes = MaxMemory,
                    MaxMessageBytes = 64 << 10,
                    Payload = payload,
                    HashTools = true,
                }
            );
        }
    }

    private static void Follow(ReadOnlySpan<byte> input, McpOptions options)
    {
        var wire = new Wire(new McpTracker(options, new WritingSink()));
        while (!input.IsEmpty)
        {
            int end = input.IndexOf((byte)0xff);
            ReadOnlySpan<byte> step = end < 0 ? input : input[..end];
            input = end < 0 ? [] : input[(end + 1)..];
            if (!step.IsEmpty)
            {
                wire.Take((char)step[0], step[1..]);
                FuzzTarget.Must(
                    wire.Tracker.Stats.HeldBytes is >= 0 and <= MaxMemory,
                    $"{wire.Tracker.Stats.HeldBytes} bytes are held"
                );
            }
        }

        wire.Tracker.Flush(wire.Now);
        McpStats stats = wire.Tracker.Stats;
        FuzzTarget.Must(stats.HeldBytes == 0, $"{stats.HeldBytes} bytes are held at the end");
        MustBeBounded(stats, options.Decoding);
    }

    // Work is counted in bytes: so many decoded ones for each that came, and each text parsed once, or twice where its
    // answer came early.
    private static void MustBeBounded(in McpStats stats, DecodingOptions decoding)
    {
        long decoded =
            (decoding.OrdinaryRatio * stats.Bytes) + (stats.Connections * (decoding.ConnectionBurstBytes + Piece));
        FuzzTarget.Must(stats.DecodedBytes <= decoded, $"{stats.DecodedBytes} bytes were decoded of {stats.Bytes}");
        long parsed = 2 * (stats.Bytes + stats.DecodedBytes);
        FuzzTarget.Must(stats.ParsedBytes <= parsed, $"{stats.ParsedBytes} bytes were parsed of {stats.Bytes}");
    }

    private sealed class Wire(McpTracker tracker)
    {
        // Close to the wrap of both sequence numbers.
        private readonly uint[] _next = [uint.MaxValue - 100, uint.MaxValue - 2000];
        private ushort _port;

        public McpTracker Tracker => tracker;

        public long Now { get; private set; } = 1_700_000_000_000_000_000;

        public void Take(char kind, ReadOnlySpan<byte> payload)
        {
            int side = char.IsUpper(kind) ? 1 : 0;
            switch (kind)
            {
                case 'c' or 's':
                    side = kind == 's' ? 1 : 0;
                    Send(side, 0, TcpFlags.Ack, payload);
                    _next[side] += (uint)payload.Length;
                    break;
                case 'C' or 'S':
                    _next[kind == 'S' ? 1 : 0] += (uint)payload.Length;
                    break;
                case 'r' or 'R':
                    Send(side, -payload.Length, TcpFlags.Ack, payload);
                    break;
                case 'o' or 'O':
                    Send(side, payload.Length, TcpFlags.Ack, payload);
                    break;
                case 'f' or 'F':
                    Send(side, 0, TcpFlags.Fin | TcpFlags.Ack, payload);
                    break;
                case 'x':
                    Send(0, 0, TcpFlags.Rst, []);
                    break;
                case 'n':
                    _port++;
                    Send(0, -1, TcpFlags.Syn, []);
                    Send(1, -1, TcpFlags.Syn | TcpFlags.Ack, []);
                    break;
                case 't':
                    tracker.Tick(Now += Minute);
                    break;
            }
        }

        private void Send(int side, int ahead, TcpFlags flags, ReadOnlySpan<byte> payload)
        {
            IpEndpoint client = IpEndpoint.From([10, 0, 0, 1], (ushort)(40000 + (_port % 100)));
            tracker.Accept(
                new TcpSegment
                {
                    TimestampUnixNs = Now += 1000,
                    Source = side == 0 ? client : s_server,
                    Destination = side == 0 ? s_server : client,
                    Sequence = _next[side] + (uint)ahead,
                    Acknowledgment = _next[1 - side],
                    Flags = flags,
                    Length = payload.Length,
                    Payload = payload,
                }
            );
        }
    }

    private sealed class WritingSink : IMcpSink
    {
        public void OnCall(CallRecord record)
        {
            using var line = new MemoryStream();
            using (var json = new Utf8JsonWriter(line, WireJson.WriterOptions))
            {
                CallRecordWriter.Write(json, record);
            }

            FuzzTarget.Must(
                !line.ToArray().AsSpan().ContainsAnyInRange((byte)0, (byte)0x1f),
                "a call's record is more than a line"
            );
            using JsonDocument told = JsonDocument.Parse(
                line.ToArray(),
                new JsonDocumentOptions { MaxDepth = WireJson.MaxDepth }
            );
            FuzzTarget.Must(told.RootElement.ValueKind == JsonValueKind.Object, "a call's record is no JSON object");
            MustBeMaskedJson(record.Arguments, record.ArgumentsCut);
            MustBeMaskedJson(record.Result, record.ResultCut);
            FuzzTarget.Must(
                !CallRecordWriter.ToLine(record).Contains('\n', StringComparison.Ordinal),
                "a call's line has a line end in it"
            );
        }

        // Written anew, a payload is one line that can be read again.
        private static void MustBeMaskedJson(ReadOnlySpan<byte> json, bool cut)
        {
            if (json.IsEmpty || cut)
            {
                return;
            }

            using var anew = new MemoryStream();
            using (var writer = new Utf8JsonWriter(anew, WireJson.WriterOptions))
            {
                WireJson.WriteValue(writer, json);
            }

            byte[] line = anew.ToArray();
            JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = WireJson.MaxDepth }).Dispose();
            FuzzTarget.Must(
                !line.AsSpan().ContainsAnyInRange((byte)0, (byte)0x1f),
                "a payload's line has a control character in it"
            );
            FuzzTarget.Must(
                !line.AsSpan().SequenceEqual("\"[unreadable]\""u8) || json.SequenceEqual(line),
                "a payload that is not cut is no JSON"
            );
        }

        public void OnUnreadable(in UnreadableConnection connection)
        {
            // Nothing is made of it.
        }
    }
}
