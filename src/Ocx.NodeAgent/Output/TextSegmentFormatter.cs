using System.Buffers;
using System.Globalization;
using System.Text;
using Ocx.Mcp.Pairing;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Capture;
using Ocx.Text;

namespace Ocx.NodeAgent.Output;

/// <summary>A block of lines for a person, with a preview of the payload on one line.</summary>
internal sealed class TextSegmentFormatter(
    InterfaceNames interfaces,
    SocketOwners owners,
    MonotonicClock clock,
    PayloadMode payload = PayloadMode.Full
) : ISegmentFormatter
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
        _text.Append(owner is { } process ? $" ({WireText.Escape(process.Comm)})\n" : "\n");
        _text.Append(CultureInfo.InvariantCulture, $"  Source: {segment.Source}\n");
        _text.Append(CultureInfo.InvariantCulture, $"  Destination: {segment.Destination}\n");
        _text.Append(
            CultureInfo.InvariantCulture,
            $"  Interface: {WireText.Escape(interfaces[segment.InterfaceIndex])} "
                + $"({(segment.IsOutgoing ? "out" : "in")})\n"
        );
        _text.Append(CultureInfo.InvariantCulture, $"  Payload Length: {segment.Length} bytes");
        _text.Append(segment.IsTruncated ? $" ({segment.Payload.Length} captured)\n" : "\n");
        _text.Append(
            CultureInfo.InvariantCulture,
            $"  Timestamp: {Rfc3339.Format(clock.ToUnixNs(segment.MonotonicNs))}\n"
        );
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
    /// The start of a payload on one line, as a string in C has it: what is not plainly visible and bytes that are no
    /// UTF-8 are escaped, and so is the backslash that begins an escape.
    /// </summary>
    internal static string Preview(ReadOnlySpan<byte> payload)
    {
        Span<byte> doubled = stackalloc byte[2 * PreviewBytes];
        int length = 0;
        foreach (byte value in payload[..Math.Min(payload.Length, PreviewBytes)])
        {
            if (value == '\\')
            {
                doubled[length++] = value;
            }
            doubled[length++] = value;
        }
        return WireText.Escape(doubled[..length]) + (payload.Length > PreviewBytes ? "..." : string.Empty);
    }

    private static string Known(int? id) => id?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
