using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// A real kube-apiserver on a real etcd, with a controller-manager where there is one, on loopback. Kubelets there are
/// none: where a test needs what a kubelet would report, it writes that status itself.
/// </summary>
public sealed class ControlPlane : IAsyncLifetime
{
    private const string AdminToken = "admin-of-the-test";

    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-controlplane-").FullName;
    private static readonly ConcurrentDictionary<int, bool> s_given = new();

    private readonly int _port = FreePort();
    private readonly int _etcdPort = FreePort();
    private readonly int _etcdPeerPort = FreePort();
    private string[] _assets = [];
    private ServerProcess? _etcd;
    private ServerProcess? _apiServer;
    private ServerProcess? _controllerManager;

    /// <summary>Everything is allowed to it.</summary>
    public Kubernetes Admin { get; private set; } = null!;

    /// <summary>A file with the address and the administrator's token.</summary>
    public string KubeConfig { get; private set; } = string.Empty;

    /// <summary>Whether a controller-manager is wanted, where there is one.</summary>
    public bool WithControllerManager { get; init; } = true;

    /// <summary>Whether owner references are acted upon and DaemonSets observed.</summary>
    public bool HasControllerManager => _controllerManager is not null;

    public async ValueTask InitializeAsync()
    {
        try
        {
            await StartAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync()
    {
        _assets = (await RunAsync(Path.Combine(Checkout.Root, "hack/controlplane/assets")))
            .Trim()
            .Split('\n')[^1]
            .Split(':');
        WriteCertificates();
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "tokens.csv"),
            $"{AdminToken},admin,admin,\"system:masters\"\n"
        );
        _etcd = new ServerProcess(
            Asset("etcd"),
            [
                $"--data-dir={Path.Combine(_folder, "etcd")}",
                // It is never killed, and the images are built on the same disk.
                "--unsafe-no-fsync",
                $"--listen-client-urls=http://127.0.0.1:{_etcdPort}",
                $"--advertise-client-urls=http://127.0.0.1:{_etcdPort}",
                $"--listen-peer-urls=http://127.0.0.1:{_etcdPeerPort}",
                $"--initial-advertise-peer-urls=http://127.0.0.1:{_etcdPeerPort}",
                $"--initial-cluster=default=http://127.0.0.1:{_etcdPeerPort}",
            ]
        );
        KubeConfig = WriteKubeConfig("admin", AdminToken);
        Admin = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeConfig));
        await StartApiServerAsync();
        if (
            WithControllerManager && _assets.Any(folder => File.Exists(Path.Combine(folder, "kube-controller-manager")))
        )
        {
            _controllerManager = new ServerProcess(
                Asset("kube-controller-manager"),
                [
                    $"--kubeconfig={KubeConfig}",
                    $"--service-account-private-key-file={Path.Combine(_folder, "sa.key")}",
                    // Nodes without a kubelet are silent from the start; the controller that minds gave up with the API
                    // server in an outage.
                    "--controllers=*,-nodelifecycle",
                    "--use-service-account-credentials=true",
                    "--leader-elect=false",
                    "--bind-address=127.0.0.1",
                    $"--secure-port={FreePort()}",
                    $"--cert-dir={_folder}/kcm",
                    .. await WithoutInsecurePortAsync(),
                ]
            );
        }
    }

    /// <summary>Starts the API server and waits until it is ready.</summary>
    public async Task StartApiServerAsync()
    {
        _apiServer = new ServerProcess(
            Asset("kube-apiserver"),
            [
                $"--etcd-servers=http://127.0.0.1:{_etcdPort}",
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                $"--secure-port={_port}",
                $"--tls-cert-file={Path.Combine(_folder, "tls.crt")}",
                $"--tls-private-key-file={Path.Combine(_folder, "tls.key")}",
                $"--token-auth-file={Path.Combine(_folder, "tokens.csv")}",
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                $"--service-account-key-file={Path.Combine(_folder, "sa.pub")}",
                $"--service-account-signing-key-file={Path.Combine(_folder, "sa.key")}",
                "--service-cluster-ip-range=10.0.0.0/24",
                $"--cert-dir={_folder}/apiserver",
            ]
        );
        await Eventually.TrueAsync(
            async () =>
                _apiServer.HasExited
                    ? throw new InvalidOperationException("kube-apiserver ended:\n" + _apiServer.Output)
                    : (await Admin.CoreV1.ListNamespaceAsync()).Items.Any(item => item.Name() == "default"),
            "kube-apiserver answers"
        );
    }

    /// <summary>The API server's address.</summary>
    public Uri Address => new($"https://127.0.0.1:{_port}/");

    /// <summary>The file of its certificate authority.</summary>
    public string Authority => Path.Combine(_folder, "tls.crt");

    /// <summary>What the API server logged.</summary>
    public string ApiServerLog => _apiServer?.Output ?? string.Empty;

    /// <summary>Whether the API server runs.</summary>
    public bool IsServing => _apiServer is { HasExited: false };

    /// <summary>SIGKILL to the API server.</summary>
    public async Task KillApiServerAsync() => await _apiServer!.KillAsync();

    /// <summary>
    /// Makes etcd forget all versions before the present one, so that watches from older ones are answered with 410.
    /// </summary>
    public async Task CompactAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_etcdPort}") };
        using var range = await client.PostAsync("/v3/kv/range", new StringContent("""{"key":"AA=="}"""));
        var revision = System.Text.Json.Nodes.JsonNode.Parse(await range.Content.ReadAsStringAsync())!["header"]![
            "revision"
        ]!.ToString();
        using var compaction = await client.PostAsync(
            "/v3/kv/compaction",
            new StringContent($$"""{"revision":"{{revision}}","physical":true}""")
        );
        compaction.EnsureSuccessStatusCode();
    }

    /// <summary>Runs kubectl as the administrator.</summary>
    public Task<string> KubectlAsync(params string[] arguments) => RunToolAsync("kubectl", arguments);

    /// <summary>Runs helm as the administrator.</summary>
    public Task<string> HelmAsync(params string[] arguments) => RunToolAsync("helm", arguments);

    /// <summary>A file that goes with the control plane.</summary>
    /// <returns>Its path.</returns>
    public string WriteFile(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>A kubeconfig with another token.</summary>
    public string WriteKubeConfig(string name, string token)
    {
        return WriteFile(
            $"{name}.kubeconfig",
            $$"""
            apiVersion: v1
            kind: Config
            clusters:
              - name: test
                cluster: {server: "https://127.0.0.1:{{_port}}", certificate-authority: "{{_folder}}/tls.crt"}
            users: [{name: user, user: {token: "{{token}}"} }]
            contexts: [{name: test, context: {cluster: test, user: user} }]
            current-context: test
            """
        );
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _controllerManager, _apiServer, _etcd })
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }

        Admin?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>
    /// A port that nobody listens on, chosen by chance from those that the kernel gives to no connection by itself.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 30_000);
            if (!s_given.TryAdd(port, true))
            {
                continue; // somebody is about to listen there
            }

            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // It is taken.
            }
        }
    }

    public static Task<string> RunAsync(string program, params string[] arguments) =>
        RunAsync(new ProcessStartInfo(program, arguments));

    // What one cluster serves is not to be remembered for another on the same port.
    private Task<string> RunToolAsync(string name, string[] arguments) =>
        RunAsync(
            new ProcessStartInfo(Asset(name), ["--kubeconfig", KubeConfig, .. arguments])
            {
                Environment = { ["KUBECACHEDIR"] = Path.Combine(_folder, "cache") },
            }
        );

    private static async Task<string> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException(
                $"{Path.GetFileName(start.FileName)} {string.Join(' ', start.ArgumentList)}: {error}"
            );
    }

    // Up to Kubernetes 1.23 it listens on a fixed port besides, of which a machine has one.
    private async Task<string[]> WithoutInsecurePortAsync() =>
        (await RunAsync(Asset("kube-controller-manager"), "--help")).Contains(" --port int ", StringComparison.Ordinal)
            ? ["--port=0"]
            : [];

    private string Asset(string name) =>
        _assets.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"There is no {name} in {string.Join(", ", _assets)}.");

    private void WriteCertificates()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true)
        );
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
        File.WriteAllText(Path.Combine(_folder, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "tls.key"), key.ExportRSAPrivateKeyPem());
        using var accounts = RSA.Create(2048);
        File.WriteAllText(Path.Combine(_folder, "sa.key"), accounts.ExportRSAPrivateKeyPem());
        File.WriteAllText(Path.Combine(_folder, "sa.pub"), accounts.ExportSubjectPublicKeyInfoPem());
    }
}
