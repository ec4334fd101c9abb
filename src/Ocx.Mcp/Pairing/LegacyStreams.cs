using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// The open streams of the 2024-11-05 transport. A stream's first event names the URL that its requests go to, and that
/// URL is its session, in whatever form. It is compared whole, with the client's address; the server's may differ: a
/// name may have several, and a session several replicas. Where the URL holds an id, a proxy may have changed all
/// before it; and an id that no one guesses is its session's from whatever address it comes, as it is to the server.
/// </summary>
internal sealed class LegacyStreams
{
    // What a stream takes here, under all of its keys.
    private const long EntryCost = 1280;

    private readonly OnlyOnes<StreamKey, McpSession> _byUrl = new();
    private readonly OnlyOnes<(ClientAddress Client, string Tail), McpSession> _byTail = new();

    /// <summary>Streams whose beginning was not seen, by their ends; each is a connection as a session.</summary>
    public OnlyOnes<ulong, McpSession> Joined { get; } = new();

    /// <summary>The bytes that a stream with this endpoint is to be charged for.</summary>
    public static long CostOf(in StreamKey endpoint) =>
        EntryCost + (2L * (endpoint.Url.Host.Length + (2 * endpoint.Url.Target.Length)));

    /// <summary>A stream named its endpoint.</summary>
    public void Add(in StreamKey endpoint, McpSession session)
    {
        _byUrl.Add(endpoint, session);
        _byUrl.Add(endpoint.OfAnyServer, session);
        if (endpoint.Url.Tail is { } tail)
        {
            _byTail.Add((endpoint.Client, tail), session);
            if (EndpointUrl.IsUnguessable(tail))
            {
                _byTail.Add((default, tail), session);
            }
        }
    }

    /// <summary>The stream ended.</summary>
    public void Remove(in StreamKey endpoint)
    {
        _byUrl.Remove(endpoint);
        _byUrl.Remove(endpoint.OfAnyServer);
        if (endpoint.Url.Tail is { } tail)
        {
            _byTail.Remove((endpoint.Client, tail));
            if (EndpointUrl.IsUnguessable(tail))
            {
                _byTail.Remove((default, tail));
            }
        }
    }

    /// <summary>
    /// The session of the one stream whose endpoint a client's request goes to; null when there is none, or more than
    /// one.
    /// </summary>
    /// <remarks>
    /// One of the same server goes first: no other server can name its URL and take the request away, or make it
    /// uncertain.
    /// </remarks>
    public McpSession? Find(ClientAddress client, IpEndpoint server, string target, string host)
    {
        if (_byUrl.Count == 0)
        {
            return null;
        }

        StreamKey asked = new(client, server, EndpointUrl.OfRequest(target, host));
        return _byUrl.Has(asked) ? _byUrl.Find(asked)
            : _byUrl.Has(asked.OfAnyServer) ? _byUrl.Find(asked.OfAnyServer)
            : asked.Url.Tail is not { } tail ? null
            : _byTail.Has((client, tail)) ? _byTail.Find((client, tail))
            : _byTail.Find((default, tail));
    }
}

/// <summary>What a stream of the 2024-11-05 transport is found by.</summary>
/// <param name="Client">Whose it is.</param>
/// <param name="Server">The server's end of it; none for any.</param>
/// <param name="Url">Where its requests go to.</param>
internal readonly record struct StreamKey(ClientAddress Client, IpEndpoint Server, EndpointUrl Url)
{
    /// <summary>The same URL, whichever server is behind it.</summary>
    public StreamKey OfAnyServer => this with { Server = default };
}
