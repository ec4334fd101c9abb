using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Ocx.Audit.Link;

namespace Ocx.NodeAgent.Cluster;

/// <summary>
/// How a pod reaches the API server: the kubelet mounts the account's token and the certificate authority.
/// </summary>
public static class InClusterApi
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>A client for the API server.</summary>
    /// <returns>The client; a request ends after ten seconds.</returns>
    /// <exception cref="InvalidOperationException">The agent runs in no pod.</exception>
    public static HttpClient CreateClient()
    {
        var host =
            Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST")
            ?? throw new InvalidOperationException(
                "KUBERNETES_SERVICE_HOST is not set: --report and --pods work in a pod alone"
            );
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT") ?? "443";
        var address = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return CreateClient(new Uri($"https://{address}:{port}/"), Path.Combine(Folder, "ca.crt"));
    }

    /// <summary>A client for an API server.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="authority">The file of the certificate authority that it is trusted by.</param>
    /// <returns>The client; a request ends after ten seconds.</returns>
    public static HttpClient CreateClient(Uri address, string authority)
    {
        X509ChainPolicy policy = AuthorityTrust.Only(authority);
        return new HttpClient(
            new SocketsHttpHandler
            {
                // A connection to an API server behind a load balancer is not kept for good.
                PooledConnectionLifetime = TimeSpan.FromMinutes(10),
                SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
            }
        )
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(10),
        };
    }

    /// <summary>The account's token as it is now.</summary>
    /// <returns>The token.</returns>
    public static string ReadToken() => File.ReadAllText(Path.Combine(Folder, "token")).Trim();
}
