namespace Ocx.Mcp.Pairing;

/// <summary>The counts behind <see cref="McpStats"/> that are made above TCP.</summary>
internal sealed class McpCounters
{
    public long ShedCalls { get; set; }

    public long UnreadRequests { get; set; }

    public long ShedPayloads { get; set; }

    public long ShedSessions { get; set; }

    public long Tls { get; set; }

    public long Http2 { get; set; }

    public long Upgraded { get; set; }

    public long UnknownStreams { get; set; }

    public long HttpLost { get; set; }

    public long Undecodable { get; set; }

    public long ParsedBytes { get; set; }

    public long DecodeLimited { get; set; }

    public long Oversize { get; set; }

    public long MalformedJson { get; set; }

    public long TooDeepJson { get; set; }

    public long Messages { get; set; }

    public long Notifications { get; set; }

    public long Orphans { get; set; }

    public long Calls { get; set; }

    public long HeaderMismatches { get; set; }
}
