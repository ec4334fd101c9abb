using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ocx.Operator.Certificates;

/// <summary>Makes certificates of ECDSA keys on P-256.</summary>
internal static class CertificateIssuer
{
    /// <summary>How long a certificate authority is good for.</summary>
    public static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(730);

    /// <summary>How long the auditor's certificate is good for.</summary>
    public static readonly TimeSpan ServerLife = TimeSpan.FromDays(90);

    /// <summary>What the clocks of nodes may differ by.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>A certificate authority.</summary>
    public static PemPair Authority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // Two of them are trusted while one takes the other's place: their names tell them apart.
        var request = new CertificateRequest(
            $"CN=ocx-tap-auditor-ca {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}",
            key,
            HashAlgorithmName.SHA256
        );
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - ClockSkew, now + AuthorityLife);
        return PemPair.Of(certificate, key);
    }

    /// <summary>The auditor's certificate, which ends with its authority at the latest.</summary>
    public static PemPair Server(PemPair authority, ServerNames names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names.Service}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true)
        );
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false)
        );
        request.CertificateExtensions.Add(names.ToExtension());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority.Parsed, true, false)
        );

        // Positive, as it must be (RFC 5280, 4.1.2.2), and without a leading zero.
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        var end = now + ServerLife;
        var last = new DateTimeOffset(authority.Parsed.NotAfter);
        var begin = now - ClockSkew;
        var first = new DateTimeOffset(authority.Parsed.NotBefore);
        using var certificate = request.Create(
            authority.Parsed,
            begin < first ? first : begin,
            end > last ? last : end,
            serial
        );
        return PemPair.Of(certificate, key);
    }
}
