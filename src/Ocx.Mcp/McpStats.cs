namespace Ocx.Mcp;

/// <summary>What the tracker has seen and shed since the start, by reason.</summary>
public readonly record struct McpStats
{
    /// <summary>Segments taken.</summary>
    public long Segments { get; init; }

    /// <summary>Payload bytes on the wire.</summary>
    public long Bytes { get; init; }

    /// <summary>SYNs without payload.</summary>
    public long Syns { get; init; }

    /// <summary>Connections followed since the start.</summary>
    public long Connections { get; init; }

    /// <summary>Connections followed now.</summary>
    public long OpenConnections { get; init; }

    /// <summary>
    /// Further names that connections were seen under, as their addresses were translated on the way; each call is told
    /// once.
    /// </summary>
    public long Translations { get; init; }

    /// <summary>Segments that brought nothing new.</summary>
    public long Duplicates { get; init; }

    /// <summary>Segments that waited for earlier bytes.</summary>
    public long OutOfOrder { get; init; }

    /// <summary>Gaps in streams.</summary>
    public long Gaps { get; init; }

    /// <summary>Bytes missing in gaps.</summary>
    public long GapBytes { get; init; }

    /// <summary>
    /// Segments far outside of what their connection can have sent; they change nothing unless others agree with them.
    /// </summary>
    public long Strays { get; init; }

    /// <summary>Connections given up with what they held: too many, or no memory.</summary>
    public long ShedConnections { get; init; }

    /// <summary>Connections forgotten after the idle time, and ones that held nothing, to make room.</summary>
    public long IdleConnections { get; init; }

    /// <summary>Segments that could not wait: no memory.</summary>
    public long ShedSegments { get; init; }

    /// <summary>
    /// Calls, and requests that may have been some, given up: too many without an answer, or no memory.
    /// </summary>
    public long ShedCalls { get; init; }

    /// <summary>Of them, requests that may have been calls, and were not read.</summary>
    public long UnreadRequests { get; init; }

    /// <summary>Bodies, arguments and results of which something was left out: no memory.</summary>
    public long ShedPayloads { get; init; }

    /// <summary>Sessions forgotten to make room: too many, or no memory.</summary>
    public long ShedSessions { get; init; }

    /// <summary>All that was shed: connections, segments, calls, payloads and sessions.</summary>
    public long Shed => ShedConnections + ShedSegments + ShedCalls + ShedPayloads + ShedSessions;

    /// <summary>Bytes held now by flows, bodies and calls.</summary>
    public long HeldBytes { get; init; }

    /// <summary>TLS connections.</summary>
    public long Tls { get; init; }

    /// <summary>HTTP/2 connections without TLS.</summary>
    public long Http2 { get; init; }

    /// <summary>Connections that became another protocol.</summary>
    public long Upgraded { get; init; }

    /// <summary>Streams that are none of the protocols known.</summary>
    public long UnknownStreams { get; init; }

    /// <summary>Times that HTTP framing was lost, to be found again at the next message.</summary>
    public long HttpLost { get; init; }

    /// <summary>Bodies in a content coding that could not be decoded.</summary>
    public long Undecodable { get; init; }

    /// <summary>Bodies and event streams that were given up because decoding them made more work than it may.</summary>
    public long DecodeLimited { get; init; }

    /// <summary>Bytes of the texts that were parsed as JSON.</summary>
    public long ParsedBytes { get; init; }

    /// <summary>Bytes that content codings were decoded to.</summary>
    public long DecodedBytes { get; init; }

    /// <summary>Messages longer than the bound, read in part.</summary>
    public long Oversize { get; init; }

    /// <summary>Texts that are no well-formed JSON.</summary>
    public long MalformedJson { get; init; }

    /// <summary>Texts nested deeper than the bound.</summary>
    public long TooDeepJson { get; init; }

    /// <summary>JSON-RPC messages read.</summary>
    public long Messages { get; init; }

    /// <summary>Notifications among them.</summary>
    public long Notifications { get; init; }

    /// <summary>Answers, of HTTP or of JSON-RPC, to requests that were not seen.</summary>
    public long Orphans { get; init; }

    /// <summary>Calls reported.</summary>
    public long Calls { get; init; }

    /// <summary>Calls whose headers and body disagreed.</summary>
    public long HeaderMismatches { get; init; }
}
