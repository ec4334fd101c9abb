using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ocx.Auditor.Jurors;

/// <summary>A client certificate, read again for each connection: it is renewed while the auditor runs.</summary>
/// <param name="read">Reads the certificate and its key, in PEM.</param>
internal sealed class ClientCertificate(Func<(string Certificate, string Key)> read)
{
    private readonly Lock _lock = new();
    private (string Certificate, string Key) _pem;
    private X509Certificate2? _certificate;

    /// <summary>The present one.</summary>
    /// <exception cref="ArgumentException">There is none that can be used.</exception>
    public X509Certificate2 Current()
    {
        (string Certificate, string Key) pem = read();
        lock (_lock)
        {
            if (_certificate is null || pem != _pem)
            {
                (_certificate, _pem) = (Parse(pem), pem);
            }

            return _certificate;
        }
    }

    private static X509Certificate2 Parse((string Certificate, string Key) pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(pem.Certificate, pem.Key);
        }
        catch (CryptographicException wrong)
        {
            throw new ArgumentException($"its certificates cannot be read: {wrong.Message}", wrong);
        }
    }
}
