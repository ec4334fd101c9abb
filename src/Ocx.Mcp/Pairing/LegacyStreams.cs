namespace Ocx.Mcp.Pairing;

/// <summary>
/// The open streams of the 2024-11-05 transport. A stream's first event names the URL that its requests go to, and that URL is its session, in
/// whatever form. It is compared whole, with the client's address; the server's may differ: a name may have several, and a session several replicas.
/// </summary>
internal sealed class LegacyStreams
{
    // What a stream takes here, under both of its keys.
    private const long EntryCost = 512;

    private readonly OnlyOnes<(ClientAddress Client, EndpointUrl Url), McpSession> _byUrl = new();

    /// <summary>Streams whose beginning was not seen, by their ends; each is a connection as a session.</summary>
    public OnlyOnes<ulong, McpSession> Joined { get; } = new();

    /// <summary>The bytes that a stream with this endpoint is to be charged for.</summary>
    public static long CostOf(EndpointUrl url) => EntryCost + (2L * (url.Host.Length + url.Target.Length));

    /// <summary>A stream named its endpoint.</summary>
    public void Add(ClientAddress client, EndpointUrl url, McpSession session)
    {
        _byUrl.Add((client, url), session);
        if (url.IsTelling)
        {
            _byUrl.Add((client, url.OfAnyHost), session);
        }
    }

    /// <summary>The stream ended.</summary>
    public void Remove(ClientAddress client, EndpointUrl url)
    {
        _byUrl.Remove((client, url));
        if (url.IsTelling)
        {
            _byUrl.Remove((client, url.OfAnyHost));
        }
    }

    /// <summary>The session of the one stream whose endpoint a client's request goes to; null when there is none, or more than one.</summary>
    public McpSession? Find(ClientAddress client, string target, string host)
    {
        if (_byUrl.Count == 0)
        {
            return null;
        }

        EndpointUrl url = EndpointUrl.OfRequest(target, host);
        return _byUrl.Find((client, url)) ?? (!_byUrl.Has((client, url)) && url.IsTelling ? _byUrl.Find((client, url.OfAnyHost)) : null);
    }
}
