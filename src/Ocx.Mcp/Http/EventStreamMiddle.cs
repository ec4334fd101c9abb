using System.Buffers.Text;

namespace Ocx.Mcp.Http;

/// <summary>
/// Recognises the middle of an event stream (WHATWG HTML, 9.2.6): a tap meets those that were opened before it.
/// </summary>
public static class EventStreamMiddle
{
    // A chunk's size is 8 digits at most, and extensions of it are not in use.
    private const int LongestChunkLine = 10;

    /// <summary>
    /// True where <paramref name="data"/> begins with an event or a comment, or with a chunk that does.
    /// </summary>
    public static bool Begins(ReadOnlySpan<byte> data, out bool chunked)
    {
        int line = data[..Math.Min(data.Length, LongestChunkLine)].IndexOf("\r\n"u8);
        chunked =
            line > 0 && Utf8Parser.TryParse(data[..line], out uint size, out int used, 'x') && used == line && size > 0;
        // The end of an event may come first, which is empty lines.
        ReadOnlySpan<byte> text = chunked ? data[(line + 2)..] : data.TrimStart("\r\n"u8);
        return text.StartsWith("data:"u8)
            || text.StartsWith("event:"u8)
            || (
                (text.StartsWith(":"u8) || text.StartsWith("id:"u8) || text.StartsWith("retry:"u8))
                && (chunked || HasEmptyLine(text))
            );
    }

    private static bool HasEmptyLine(ReadOnlySpan<byte> text) =>
        text.IndexOf("\n\n"u8) >= 0 || text.IndexOf("\r\n\r\n"u8) >= 0 || text.IndexOf("\r\r"u8) >= 0;
}
