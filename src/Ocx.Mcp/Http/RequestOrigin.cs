using System.Net;

namespace Ocx.Mcp.Http;

/// <summary>
/// Whether a request was made by a web page of the host that it goes to (RFC 6454, 7; MCP, Streamable HTTP, "Security
/// Warning").
/// </summary>
internal static class RequestOrigin
{
    private const int LongestName = 253;

    /// <summary>
    /// The host names of both headers where they differ, else empty; also when either is missing. Ports are not
    /// compared: a page that a developer's machine serves on one port and its MCP server on another are the ordinary
    /// case, and no name had to be bound anew for it.
    /// </summary>
    public static (string Origin, string Host) Foreign(string origin, string host)
    {
        if (origin.Length == 0 || host.Length == 0)
        {
            return (string.Empty, string.Empty);
        }

        ReadOnlySpan<char> from = HostOfOrigin(origin),
            to = HostName(host);
        return from.Equals(to, StringComparison.OrdinalIgnoreCase) || (IsLoopback(from) && IsLoopback(to))
            ? (string.Empty, string.Empty)
            : (Bounded(from), Bounded(to));
    }

    // "null" is what a page without an origin sends, such as one in a sandbox; it is no host's name.
    private static ReadOnlySpan<char> HostOfOrigin(string origin)
    {
        int scheme = origin.IndexOf("://", StringComparison.Ordinal);
        return HostName(scheme < 0 ? origin : origin.AsSpan(scheme + 3));
    }

    private static ReadOnlySpan<char> HostName(ReadOnlySpan<char> authority)
    {
        authority = authority[(authority.LastIndexOf('@') + 1)..]; // a user and a password are none of it
        int end = authority is ['[', ..] ? authority.IndexOf(']') + 1 : authority.IndexOf(':');
        return (end > 0 ? authority[..end] : authority).TrimEnd('.');
    }

    private static bool IsLoopback(ReadOnlySpan<char> name) =>
        name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string Bounded(ReadOnlySpan<char> name) => name[..Math.Min(name.Length, LongestName)].ToString();
}
