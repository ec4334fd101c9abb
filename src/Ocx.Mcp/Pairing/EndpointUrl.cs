using System.Buffers;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Pairing;

/// <summary>Where a request of the 2024-11-05 transport goes to.</summary>
/// <param name="Host">Host name and port in small letters, without the port that is the scheme's own.</param>
/// <param name="Target">Path and query.</param>
internal readonly record struct EndpointUrl(string Host, string Target)
{
    // Texts of so many letters and digits with some digits among them name a session rather than a page.
    private const int ShortestInQuery = 8,
        ShortestInPath = 16,
        FewestDigits = 3;

    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/?&=-_.~:+,;@!$'()*"
    );
    private static readonly string[] s_names = ["sessionId", "session_id"];
    private static readonly string[] s_otherNames = ["sid", "session", "session-id", "connectionId", "clientId", "id"];

    /// <summary>The session's id where a parameter of the name that SDKs give it has it; else empty.</summary>
    public string SessionId => Parameter(Target, s_names);

    /// <summary>
    /// What of the target names the session wherever a proxy puts it: from the part of the path that holds what looks
    /// like an id, or the last one before a query that does. Null when neither does.
    /// </summary>
    public string? Tail
    {
        get
        {
            int query = Target.IndexOf('?', StringComparison.Ordinal),
                path = query < 0 ? Target.Length : query;
            int id = IdIn(Target.AsSpan(0, path), ShortestInPath);
            id = id < 0 && IdIn(Target.AsSpan(path), ShortestInQuery) >= 0 ? path : id;
            return id < 0 ? null : Target[Math.Max(0, Target.AsSpan(0, id).LastIndexOf('/'))..];
        }
    }

    /// <summary>True for the tail of a target whose id no one guesses: whoever has it has the session.</summary>
    public static bool IsUnguessable(string tail) => IdIn(tail, ShortestInPath) >= 0;

    /// <summary>
    /// What a record shows as the session: the id, or the path. Of a query no more than the id is shown.
    /// </summary>
    public string Shown
    {
        get
        {
            int query = Target.IndexOf('?', StringComparison.Ordinal);
            return CutText.Of(query < 0 ? Target : Parameter(Target, [.. s_names, .. s_otherNames]), Longest.SessionId);
        }
    }

    /// <summary>
    /// The URL of a request, from its target (a proxy gets it whole; RFC 9112, 3.2.2) and its Host header.
    /// </summary>
    public static EndpointUrl OfRequest(string target, string host) =>
        target.StartsWith('/') || !TryAbsolute(target, out EndpointUrl url)
            ? new(HostName(host, ":80"), Canonical(target))
            : url;

    /// <summary>The session's id in a request's target, see <see cref="SessionId"/>.</summary>
    public static string SessionIdOf(string target) =>
        target.Contains('?', StringComparison.Ordinal) ? Parameter(Canonical(target), s_names) : string.Empty;

    /// <summary>
    /// The URL that an endpoint event's data means to the client of the stream at <paramref name="stream"/> (RFC 3986,
    /// 5); false when it is none.
    /// </summary>
    public static bool TryResolve(string reference, EndpointUrl stream, out EndpointUrl url)
    {
        reference = reference.Trim();
        int fragment = reference.IndexOf('#', StringComparison.Ordinal);
        reference = fragment < 0 ? reference : reference[..fragment];
        url = default;
        if (reference.Length is 0 or > Longest.HttpTarget)
        {
            return false;
        }

        if (reference.StartsWith("//", StringComparison.Ordinal))
        {
            return TryAbsolute("http:" + reference, out url);
        }

        if (reference.StartsWith('/'))
        {
            url = stream with { Target = Canonical(reference) };
            return true;
        }

        if (TryAbsolute(reference, out url))
        {
            return true;
        }

        if (
            !Uri.TryCreate("http://stream" + stream.Target, UriKind.Absolute, out Uri? from)
            || !Uri.TryCreate(from, reference, out Uri? to)
        )
        {
            return false;
        }

        url = stream with { Target = to.PathAndQuery };
        return true;
    }

    private static bool TryAbsolute(string text, out EndpointUrl url)
    {
        url = default;
        bool plain = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        if (!plain && !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        string rest = text[(text.IndexOf("//", StringComparison.Ordinal) + 2)..];
        int end = rest.AsSpan().IndexOfAny('/', '?');
        string target =
            end < 0 ? "/"
            : rest[end] == '?' ? "/" + rest[end..]
            : rest[end..];
        string authority = end < 0 ? rest : rest[..end];
        authority = authority[(authority.LastIndexOf('@') + 1)..]; // a name and a password are not sent in Host
        url = new(HostName(authority, plain ? ":80" : ":443"), Canonical(target));
        return true;
    }

    // What a client makes of the path and the query before it sends them: no dot segments, and escapes for what may not
    // stand there (RFC 3986, 5.2.4 and 2.1). Nearly all targets are so already.
    private static string Canonical(string target) =>
        target.AsSpan().IndexOfAnyExcept(s_plain) < 0 && !target.Contains("/.", StringComparison.Ordinal) ? target
        : Uri.TryCreate("http://x" + target, UriKind.Absolute, out Uri? url) ? url.PathAndQuery
        : target;

    // As it is in nearly all requests, no text is made.
    private static string HostName(string authority, string ownPort)
    {
        authority = authority.ToLowerInvariant();
        return authority.EndsWith(ownPort, StringComparison.Ordinal) ? authority[..^ownPort.Length] : authority;
    }

    private static string Parameter(string target, ReadOnlySpan<string> names)
    {
        int query = target.IndexOf('?', StringComparison.Ordinal);
        if (query < 0)
        {
            return string.Empty;
        }

        foreach (Range part in target.AsSpan(query + 1).Split('&'))
        {
            ReadOnlySpan<char> pair = target.AsSpan(query + 1)[part];
            int equals = pair.IndexOf('=');
            foreach (string name in names)
            {
                if (equals > 0 && pair[..equals].Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return pair[(equals + 1)..].ToString();
                }
            }
        }

        return string.Empty;
    }

    private static int IdIn(ReadOnlySpan<char> text, int shortest)
    {
        int length = 0,
            digits = 0;
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            bool part = char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
            (length, digits) = part ? (length + 1, digits + (char.IsAsciiDigit(c) ? 1 : 0)) : (0, 0);
            if (length >= shortest && digits >= FewestDigits)
            {
                return at + 1 - length;
            }
        }

        return -1;
    }
}
