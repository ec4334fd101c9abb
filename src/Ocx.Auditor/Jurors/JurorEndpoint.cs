using System.Security.Cryptography.X509Certificates;
using Ocx.Audit.Jury;

namespace Ocx.Auditor.Jurors;

/// <summary>Where a juror outside of the auditor is, whom it is believed to be, and who asks.</summary>
/// <param name="Address">Its https address; http only where it is on this machine.</param>
public sealed record JurorEndpoint(Uri Address)
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5),
        s_renew = TimeSpan.FromMinutes(5);

    // A slow juror has no more requests than these; others wait for one of them, within the juror's time limit.
    private const int MostConnections = 64;

    /// <summary>The certificates that its own is signed by; the machine's where there are none.</summary>
    public X509Certificate2Collection? CaBundle { get; init; }

    /// <summary>What proves to it who asks, asked for each connection; none where it is null.</summary>
    public Func<X509Certificate2>? ClientCertificate { get; init; }

    /// <summary>
    /// The bearer token, asked for each question: the file of a Secret changes while the auditor runs. Null for none.
    /// </summary>
    public Func<string>? BearerToken { get; init; }

    /// <summary>The present token; null for none.</summary>
    /// <exception cref="JurorException">It is not there.</exception>
    public string? Token()
    {
        try
        {
            return BearerToken?.Invoke();
        }
        catch (ArgumentException wrong)
        {
            throw new JurorException(wrong.Message, wrong);
        }
    }

    /// <summary>
    /// Opens a client. Redirects are not followed: they would send arguments to where nobody said. No more of an answer
    /// is read than is allowed.
    /// </summary>
    /// <param name="longestAnswer">The longest answer that is read, in bytes.</param>
    /// <exception cref="ArgumentException">The address is none that may be used.</exception>
    public HttpClient Open(int longestAnswer)
    {
        if (Address.Scheme != Uri.UriSchemeHttps && !(Address.Scheme == Uri.UriSchemeHttp && Address.IsLoopback))
        {
            throw new ArgumentException($"the juror's address {Address} must begin with https://");
        }

        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = s_connect,
            PooledConnectionLifetime = s_renew,
            MaxConnectionsPerServer = MostConnections,
        };
        if (CaBundle is { Count: > 0 } roots)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        if (ClientCertificate is { } certificate)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate();
        }

        return new HttpClient(new BoundedAnswers(handler, longestAnswer)) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
