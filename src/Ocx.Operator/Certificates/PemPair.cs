using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Ocx.Operator.Certificates;

/// <summary>A certificate and its private key, in PEM, as a Secret holds them.</summary>
internal sealed class PemPair
{
    private readonly string _certificate;
    private readonly string _key;

    private PemPair(string certificate, string key, X509Certificate2 parsed)
    {
        _certificate = certificate;
        _key = key;
        Parsed = parsed;
    }

    /// <summary>The certificate, with its key.</summary>
    public X509Certificate2 Parsed { get; }

    /// <summary>The certificate as it is stored.</summary>
    public string Certificate => _certificate;

    /// <summary>The certificate's bytes, as a Secret has them.</summary>
    public byte[] CertificateBytes => Encoding.ASCII.GetBytes(_certificate);

    /// <summary>The key's bytes, as a Secret has them.</summary>
    public byte[] KeyBytes => Encoding.ASCII.GetBytes(_key);

    /// <summary>From a certificate that was just made.</summary>
    public static PemPair Of(X509Certificate2 certificate, ECDsa key)
    {
        var pem = certificate.ExportCertificatePem() + "\n";
        var secret = key.ExportPkcs8PrivateKeyPem() + "\n";
        return new(pem, secret, X509Certificate2.CreateFromPem(pem, secret));
    }

    /// <summary>From a Secret.</summary>
    /// <returns>Null when it holds no certificate with its key, of the kind that the operator makes.</returns>
    public static PemPair? Read(IDictionary<string, byte[]>? data, string certificate, string key)
    {
        if (
            data is null
            || !data.TryGetValue(certificate, out var certificateBytes)
            || !data.TryGetValue(key, out var keyBytes)
        )
        {
            return null;
        }

        try
        {
            var pem = Encoding.ASCII.GetString(certificateBytes);
            var secret = Encoding.ASCII.GetString(keyBytes);
            var parsed = X509Certificate2.CreateFromPem(pem, secret);
            using var own = parsed.GetECDsaPrivateKey();
            return own is null ? null : new(pem, secret, parsed);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A certificate alone.</summary>
    /// <returns>Null when it is none.</returns>
    public static X509Certificate2? ReadCertificate(IDictionary<string, byte[]>? data, string name)
    {
        try
        {
            return data is not null && data.TryGetValue(name, out var bytes)
                ? X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(bytes))
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
