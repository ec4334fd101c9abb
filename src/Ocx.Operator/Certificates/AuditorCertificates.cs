using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Ocx.Operator.Certificates;

/// <summary>
/// Decides what certificates the auditor has, from those that there are. Pure but for the keys, which are made by
/// chance.
/// </summary>
/// <remarks>
/// A certificate is renewed when two thirds of its life are over. When a new authority takes the place of an old one,
/// agents trust both until the old one ends; the auditor shows a certificate of the new one once every agent has had
/// the time to read it.
/// </remarks>
internal sealed record AuditorCertificates
{
    /// <summary>
    /// How long it takes at most until agents have a changed ConfigMap; kubelets take some two minutes.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromHours(1);

    private const string AuthorityName = "ca.crt";
    private const string AuthorityKey = "ca.key";
    private const string PreviousName = "previous.crt";
    private const string ServerName = "tls.crt";
    private const string ServerKey = "tls.key";

    /// <summary>The data of the Secret with the authority.</summary>
    public required Dictionary<string, byte[]> Authority { get; init; }

    /// <summary>The data of the Secret with the auditor's certificate.</summary>
    public required Dictionary<string, byte[]> Server { get; init; }

    /// <summary>The certificates that agents trust.</summary>
    public required string Trusted { get; init; }

    /// <summary>What was made, and why; nothing while all is well.</summary>
    public required IReadOnlyList<string> Made { get; init; }

    /// <summary>Decides.</summary>
    /// <param name="authority">The data of the Secret with the authority; null when there is none.</param>
    /// <param name="server">The data of the Secret with the auditor's certificate; null when there is none.</param>
    /// <param name="names">The names that it is to have.</param>
    /// <param name="now">The time.</param>
    public static AuditorCertificates Decide(
        IDictionary<string, byte[]>? authority,
        IDictionary<string, byte[]>? server,
        ServerNames names,
        DateTimeOffset now
    )
    {
        var made = new List<string>();
        var current = PemPair.Read(authority, AuthorityName, AuthorityKey);
        var previous = PemPair.ReadCertificate(authority, PreviousName);
        if (current is null || !IsAuthority(current.Parsed) || !IsGood(current.Parsed, now))
        {
            made.Add($"a certificate authority, as there is {(authority is null ? "none" : "none that can be used")}");
            current = CertificateIssuer.Authority(now);
            previous = null;
        }
        else if (IsDue(current.Parsed, now))
        {
            made.Add("a certificate authority, as two thirds of the life of the present one are over");
            previous = current.Parsed;
            current = CertificateIssuer.Authority(now);
        }

        previous = previous is not null && IsAuthority(previous) && IsGood(previous, now) ? previous : null;
        var shown = PemPair.Read(server, ServerName, ServerKey);
        if (Fault(shown, current, previous, names, now) is { } fault)
        {
            made.Add($"the auditor's certificate, as {fault}");
            shown = CertificateIssuer.Server(current, names, now);
        }

        var trusted = current.Certificate + (previous is null ? null : previous.ExportCertificatePem() + "\n");
        var secret = new Dictionary<string, byte[]>
        {
            [AuthorityName] = current.CertificateBytes,
            [AuthorityKey] = current.KeyBytes,
        };
        if (previous is not null)
        {
            secret[PreviousName] = Encoding.ASCII.GetBytes(previous.ExportCertificatePem() + "\n");
        }

        return new()
        {
            Authority = secret,
            Server = new()
            {
                [ServerName] = shown!.CertificateBytes,
                [ServerKey] = shown.KeyBytes,
                [AuthorityName] = Encoding.ASCII.GetBytes(trusted),
            },
            Trusted = trusted,
            Made = made,
        };
    }

    private static string? Fault(
        PemPair? shown,
        PemPair current,
        X509Certificate2? previous,
        ServerNames names,
        DateTimeOffset now
    )
    {
        if (shown is null || !IsGood(shown.Parsed, now))
        {
            return "there is none that can be used";
        }

        if (!names.AreOf(shown.Parsed))
        {
            return "the Service's names or its address changed";
        }

        var isOfPrevious = previous is not null && IsSignedBy(shown.Parsed, previous, now);
        return !isOfPrevious && !IsSignedBy(shown.Parsed, current.Parsed, now) ? "its authority is another one"
            : IsDue(shown.Parsed, now) ? "two thirds of its life are over"
            : isOfPrevious && now - current.Parsed.NotBefore >= CertificateIssuer.ClockSkew + Settling
                ? "agents have had the time to trust its new authority"
            : null;
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(basic => basic.CertificateAuthority);

    private static bool IsGood(X509Certificate2 certificate, DateTimeOffset now) =>
        certificate.NotBefore <= now && now < certificate.NotAfter;

    private static bool IsDue(X509Certificate2 certificate, DateTimeOffset now)
    {
        var begin = new DateTimeOffset(certificate.NotBefore);
        return now >= begin + ((certificate.NotAfter - begin) * 2 / 3);
    }

    private static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 authority, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(certificate);
    }
}
