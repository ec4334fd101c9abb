using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Pairing;

/// <summary>What the handshake of a session, or of a connection without one, told about its two ends.</summary>
internal sealed class McpSession(ulong scope, string id)
{
    /// <summary>The number under which the session's open calls are found.</summary>
    public ulong Scope { get; } = scope;

    public string Id { get; } = id;

    /// <summary>The id as records show it, worked out when the first one does.</summary>
    public string? ShownId { get; set; }

    /// <summary>The stream that brings its answers was seen to begin (2024-11-05).</summary>
    public bool HasStream { get; set; }

    public string ProtocolVersion { get; set; } = string.Empty;

    public (string Name, string Version) Client { get; set; } = (string.Empty, string.Empty);

    public (string Name, string Version) Server { get; set; } = (string.Empty, string.Empty);

    /// <summary>
    /// Of a connection: the host that the requests went to which <see cref="Server"/> answered. A proxy may send those
    /// to others on the same connection.
    /// </summary>
    public string ServerHost { get; set; } = string.Empty;

    /// <summary>Of a connection: their target.</summary>
    public string ServerTarget { get; set; } = string.Empty;

    /// <summary>Whether it is known who answers what was asked there.</summary>
    public bool HasServerOf(Exchange? exchange) =>
        Server.Name.Length > 0
        && (exchange is null || (exchange.Host == ServerHost && exchange.Target == ServerTarget));

    /// <summary>Its calls without an answer yet; none before the first one.</summary>
    public LinkedList<OpenCall>? Open { get; set; }

    /// <summary>What it is charged for; 0 before it is, and after it was forgotten.</summary>
    public long Cost { get; set; }

    /// <summary>The bytes that its texts take, the id twice: as it is, and as records show it.</summary>
    public long TextSize =>
        (2 * CutText.SizeOf(Id))
        + CutText.SizeOf(ProtocolVersion)
        + CutText.SizeOf(Client.Name)
        + CutText.SizeOf(Client.Version)
        + CutText.SizeOf(Server.Name)
        + CutText.SizeOf(Server.Version)
        + CutText.SizeOf(ServerHost)
        + CutText.SizeOf(ServerTarget);
}
