using System.Text;

namespace Ocx.Audit.Link;

/// <summary>Where the auditor is, and how the two sides know each other.</summary>
public sealed record AuditorEndpoint
{
    private const string UnixScheme = "unix:";

    /// <summary>Where it is, as it was given: <c>unix:/run/ocx/auditor.sock</c>, <c>https://auditor:8443</c>.</summary>
    public required string Address { get; init; }

    /// <summary>Its Unix socket; null where it is reached over TLS.</summary>
    public string? Socket =>
        Address.StartsWith(UnixScheme, StringComparison.Ordinal) ? Address[UnixScheme.Length..] : null;

    /// <summary>Its address over TLS; null where it is reached by a Unix socket.</summary>
    public Uri? Url => Socket is null ? new Uri(Address) : null;

    /// <summary>The file of the certificate authority that it is trusted by; null for the machine's own.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The file of the token that this program proves itself with; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>What is wrong with the two files, in one line; null for nothing.</summary>
    public string? Problem =>
        this is { Socket: not null, AuthorityFile: not null } or { Socket: not null, TokenFile: not null }
            ? "--auditor-ca and --auditor-token are for an auditor at https://, not unix:"
            : null;

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is none; the message says what is wanted.</exception>
    public static string Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isSocket = text.StartsWith(UnixScheme + "/", StringComparison.Ordinal);
        bool isUrl =
            !isSocket
            && Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            && url is { Scheme: "https", PathAndQuery: "/", UserInfo: "", Fragment: "" };
        // The kernel's sockaddr_un has room for 107 bytes and the end.
        return isUrl || (isSocket && Encoding.UTF8.GetByteCount(text) - UnixScheme.Length <= 107)
            ? text
            : throw new FormatException("want unix:/path of at most 107 bytes, or https://host:port");
    }
}
