using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ocx.Auditor.Options;
using Ocx.Text;

namespace Ocx.Auditor.Listening;

/// <summary>
/// The certificate that agents are shown: <c>tls.crt</c>, with those that signed it behind it, and <c>tls.key</c> of a
/// folder. They are looked at again as handshakes come, at most once in a few seconds. New ones that are of no use
/// leave the old ones in place.
/// </summary>
internal sealed class ServerCertificate
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private (string Certificate, string Key) _pem;
    private SslStreamCertificateContext _context;
    private long _lookedAt;
    private string? _problem;

    /// <summary>Reads the files.</summary>
    /// <exception cref="StartupException">They are not there, or of no use.</exception>
    public ServerCertificate(string folder, TimeProvider time)
    {
        (_folder, _time) = (folder, time);
        try
        {
            _pem = Read();
            _context = Parse(_pem);
        }
        catch (Exception wrong) when (IsExpected(wrong))
        {
            throw new StartupException($"cannot use the certificate in {folder}: {wrong.Message}", wrong);
        }

        _lookedAt = time.GetTimestamp();
    }

    /// <summary>What a handshake is made with.</summary>
    /// <param name="log">Is told of files that are of no use, once.</param>
    public SslServerAuthenticationOptions Options(ILogger log) =>
        new()
        {
            ServerCertificateContext = Current(log),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };

    private SslStreamCertificateContext Current(ILogger log)
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_lookedAt) < s_interval)
            {
                return _context;
            }

            _lookedAt = _time.GetTimestamp();
            try
            {
                (string, string) pem = Read();
                if (pem != _pem)
                {
                    _context = Parse(pem);
                    _pem = pem;
                    log.CertificateChanged(_folder);
                }

                _problem = null;
            }
            catch (Exception wrong) when (IsExpected(wrong))
            {
                if (_problem != wrong.Message)
                {
                    _problem = wrong.Message;
                    log.CertificateUnusable(_folder, WireText.Escape(wrong.Message));
                }
            }

            return _context;
        }
    }

    private (string Certificate, string Key) Read() =>
        (File.ReadAllText(Path.Combine(_folder, "tls.crt")), File.ReadAllText(Path.Combine(_folder, "tls.key")));

    private static SslStreamCertificateContext Parse((string Certificate, string Key) pem)
    {
        X509Certificate2 own = X509Certificate2.CreateFromPem(pem.Certificate, pem.Key);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem.Certificate);
        all.RemoveAt(0);
        return SslStreamCertificateContext.Create(own, all, offline: true);
    }

    private static bool IsExpected(Exception wrong) =>
        wrong is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;
}
