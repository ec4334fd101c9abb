using Ocx.Mcp.Http;
using Ocx.Mcp.Pairing;

namespace Ocx.Mcp.Streams;

/// <summary>One direction of a connection that speaks HTTP, and the message that is being read of it.</summary>
internal sealed class HttpStream(HttpReader reader, MessageBody body)
{
    public HttpReader Reader { get; } = reader;

    public MessageBody Body { get; } = body;

    /// <summary>Of the message that is being read; a request's stays to its response's end.</summary>
    public Exchange? Exchange { get; set; }

    /// <summary>
    /// When the first byte of the message being read was captured, monotonic nanoseconds; 0 between messages.
    /// </summary>
    public long MessageStart { get; set; }
}
