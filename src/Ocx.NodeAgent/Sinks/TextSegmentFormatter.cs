using System.Buffers;
using System.Globalization;
using System.Text;
using Ocx.Mcp.Pairing;
using Ocx.NodeAgent.Capture;
using Ocx.Text;

namespace Ocx.NodeAgent.Sinks;

/// <summary>A block of lines for a person, with a preview of the payload on one line.</summary>
internal sealed class TextSegmentFormatter(
    InterfaceNames interfaces, SocketOwners owners, MonotonicClock clock, PayloadMode payload = PayloadMode.Full) : ISegmentFormatter
{
    private const int PreviewBytes = 160;

    private readonly StringBuilder _text = new();

    /// <inheritdoc/>
    public void Format(in CapturedSegment segment, IBufferWriter<byte> output)
    {
        if (segment.Length == 0)
        {
            return;
        }
        SocketOwner? owner = owners.Find(segment);
        _text.Clear();
        _text.Append(CultureInfo.InvariantCulture, $"Intercepted MCP Traffic:\n");
        _text.Append(CultureInfo.InvariantCulture, $"  PID: {Known(owner?.Pid)}, TID: {Known(owner?.Tid)}");
        _text.Append(owner is { } process ? $" ({Escape(Encoding.UTF8.GetBytes(process.Comm))})\n" : "\n");
        _text.Append(CultureInfo.InvariantCulture, $"  Source: {segment.Source}\n");
        _text.Append(CultureInfo.InvariantCulture, $"  Destination: {segment.Destination}\n");
        _text.Append(CultureInfo.InvariantCulture, $"  Interface: {interfaces[segment.InterfaceIndex]} ({(segment.IsOutgoing ? "out" : "in")})\n");
        _text.Append(CultureInfo.InvariantCulture, $"  Payload Length: {segment.Length} bytes");
        _text.Append(segment.IsTruncated ? $" ({segment.Payload.Length} captured)\n" : "\n");
        _text.Append(CultureInfo.InvariantCulture, $"  Timestamp: {Rfc3339.Format(clock.ToUnixNs(segment.MonotonicNs))}\n");
        if (payload == PayloadMode.Full)
        {
            _text.Append(CultureInfo.InvariantCulture, $"  Payload preview: {Preview(segment.Payload)}\n");
        }
        _text.Append('\n');
        foreach (ReadOnlyMemory<char> chunk in _text.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, output);
        }
    }

    /// <summary>
    /// The start of a payload on one line. Control characters, which could drive a terminal, and bytes that are no UTF-8
    /// are escaped as in C.
    /// </summary>
    internal static string Preview(ReadOnlySpan<byte> payload) => payload.Length > PreviewBytes
        ? Escape(payload[..PreviewBytes]) + "..."
        : Escape(payload);

    private static string Known(int? id) => id?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length);
            if (status != OperationStatus.Done)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{bytes[0]:x2}");
                bytes = bytes[1..];
                continue;
            }
            _ = rune.Value switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\\' => text.Append("\\\\"),
                _ when MovesTheTerminal(rune) => text.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}"),
                _ => text.Append(rune.ToString()),
            };
            bytes = bytes[length..];
        }
        return text.ToString();
    }

    // Control characters, and format characters such as those that reverse the direction of text.
    private static bool MovesTheTerminal(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
