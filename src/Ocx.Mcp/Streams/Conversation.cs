using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Streams;

/// <summary>
/// The two streams of one connection, and which end of it is the client: what the readers of all protocols have in
/// common.
/// </summary>
internal sealed class Conversation(ConnectionEnds ends, McpShared shared)
{
    private readonly ConversationStream[] _streams = [new(), new()];
    private ulong? _scopeOfEnds;

    /// <summary>The side that asks, 0 or 1: a guess until a protocol has told.</summary>
    public int ClientSide
    {
        get;
        set
        {
            field = value;
            _scopeOfEnds = null;
        }
    }

    /// <summary>
    /// The side with the greater port: where nothing was read that tells, servers have the lesser one.
    /// </summary>
    public int LikelyClientSide => ends.Key.Low.Port >= ends.Key.High.Port ? 0 : 1;

    /// <summary>Nothing of it can be read any more; see <see cref="Abandon"/>.</summary>
    public bool IsOpaque { get; private set; }

    /// <summary>
    /// The server by the name that it was first seen under: sessions are known by it, and it stays when another is
    /// learned.
    /// </summary>
    public IpEndpoint Server => ClientSide == 0 ? ends.Key.High : ends.Key.Low;

    /// <summary>Whom it is from.</summary>
    public ClientAddress Client => ClientAddress.Of(ends, ClientSide);

    /// <summary>A number for all connections from the same client to the same server.</summary>
    public ulong ScopeOfEnds => _scopeOfEnds ??= HttpExchanges.ScopeOfEnds(Client, Server);

    /// <summary>A proxy passes on what follows, whatever it is (CONNECT).</summary>
    public bool IsTunnel { get; set; }

    /// <summary>A proxy in front of the server said whom the connection is from.</summary>
    public void NameClient(int side, IpEndpoint client)
    {
        ends.NamedClient = client;
        ClientSide = side;
    }

    /// <summary>The connection as a session of its own: calls that no HTTP exchange carries are found by it.</summary>
    public McpSession Itself { get; } = new(shared.Sessions.NextScope(), string.Empty);

    public ConversationStream this[int side] => _streams[side];

    /// <summary>
    /// Gives up reading, and says why: the streams are encrypted, or of a protocol that is only recognised.
    /// </summary>
    public void Abandon(UnreadableKind kind, TlsClientHello hello = default)
    {
        IsOpaque = true;
        shared.Counters.Tls += kind == UnreadableKind.Tls ? 1 : 0;
        shared.Counters.Http2 += kind == UnreadableKind.Http2 ? 1 : 0;
        shared.Counters.Upgraded += kind == UnreadableKind.Upgraded ? 1 : 0;
        shared.Sink.OnUnreadable(
            new(
                kind,
                ends[ClientSide],
                ends[1 - ClientSide],
                SecretShapes.Redact(hello.ServerName ?? string.Empty),
                SecretShapes.Redact(hello.Alpn ?? string.Empty)
            )
        );
        Release();
    }

    /// <summary>
    /// Where a message of <paramref name="side"/> was, whose first byte came at <paramref name="firstByte"/>.
    /// </summary>
    public MessagePlace Place(int side, Exchange? exchange, long firstByte) =>
        new(ends, ClientSide, side != ClientSide, exchange, Itself, ScopeOfEnds, firstByte, _streams[side].Now);

    /// <summary>Gives back what is held for bytes that will not be completed.</summary>
    public void Release()
    {
        foreach (ConversationStream stream in _streams)
        {
            stream.Partial?.Release();
        }
    }
}

/// <summary>One direction of a connection.</summary>
internal sealed class ConversationStream
{
    public Protocol Protocol { get; set; }

    /// <summary>Bytes that wait for more: of a protocol not told yet, a TLS record, or a line.</summary>
    public PooledBuffer? Partial { get; set; }

    /// <summary>When its newest bytes were captured, monotonic nanoseconds.</summary>
    public long Now { get; set; }
}
