using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Grpc.Net.Client;

namespace Ocx.ControlPlane.Tests;

/// <summary>The auditor as its image runs it in a cluster; its ledger stays when it is started again.</summary>
public sealed class AuditorProcess : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-auditor-").FullName;
    private readonly string _kubeConfig;
    private readonly int _grpcPort = ControlPlane.FreePort();
    private readonly int _httpPort = ControlPlane.FreePort();
    private readonly HttpClient _http = new();

    private readonly string[] _more;

    private AuditorProcess(string kubeConfig, string[] more) => (_kubeConfig, _more) = (kubeConfig, more);

    /// <summary>Signs its certificate.</summary>
    public AuditCertificates Certificates { get; } = new();

    public ServerProcess Process { get; private set; } = null!;

    private string Socket => Path.Combine(_folder, "auditor.sock");

    /// <summary>Starts one with an empty ledger, and waits until it is ready.</summary>
    /// <param name="kubeConfig">Its account at the API server.</param>
    /// <param name="more">More arguments than each has.</param>
    public static async Task<AuditorProcess> StartAsync(string kubeConfig, params string[] more)
    {
        var auditor = new AuditorProcess(kubeConfig, more);
        auditor.WriteCertificate("auditor");
        await auditor.StartAgainAsync();
        return auditor;
    }

    /// <summary>Starts it on its ledger, and waits until it is ready.</summary>
    public async Task StartAgainAsync()
    {
        Start();
        await ReadyAsync();
    }

    /// <summary>Starts it on its ledger.</summary>
    public void Start() =>
        Process = new ServerProcess(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "ocx-auditor.dll"),
                "--cluster",
                "--listen",
                $"unix:{Socket}",
                "--grpc-port",
                $"{_grpcPort}",
                "--tls",
                _folder,
                "--agents",
                $"{Cluster.Namespace}/{Cluster.AgentAccount}",
                "--gates",
                $"{Cluster.Namespace}/{AuditScene.GateAccount}",
                "--http-port",
                $"{_httpPort}",
                "--ledger",
                Path.Combine(_folder, "ledger.db"),
                .. _more,
            ],
            new Dictionary<string, string> { ["KUBECONFIG"] = _kubeConfig }
        );

    public Task ReadyAsync() =>
        Eventually.TrueAsync(
            async () =>
                Process.HasExited
                    ? throw new InvalidOperationException($"It ended with {Process.ExitCode}:\n{Process.Output}")
                    : (await GetAsync("/readyz")).Code == HttpStatusCode.OK,
            "the auditor is ready"
        );

    public async Task<(HttpStatusCode Code, string Text)> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{_httpPort}{path}"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The count of a metric over all of its labels.</summary>
    public async Task<double> MetricAsync(string name) =>
        (await GetAsync("/metrics"))
            .Text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>What it shows to agents from now on, once it has looked.</summary>
    public void WriteCertificate(string name)
    {
        var (certificate, key) = Certificates.Issue(name);
        WriteCertificate(certificate, key);
    }

    /// <summary>Whatever the files may hold.</summary>
    public void WriteCertificate(string certificate, string key)
    {
        File.WriteAllText(Path.Combine(_folder, "tls.crt"), certificate);
        File.WriteAllText(Path.Combine(_folder, "tls.key"), key);
    }

    /// <summary>Connects as an agent does.</summary>
    public GrpcChannel Connect() =>
        GrpcChannel.ForAddress(
            $"https://127.0.0.1:{_grpcPort}",
            new GrpcChannelOptions { HttpHandler = OverTls(), DisposeHttpClient = true }
        );

    /// <summary>Connects to the socket.</summary>
    public GrpcChannel ConnectToSocket() =>
        GrpcChannel.ForAddress(
            "http://auditor",
            new GrpcChannelOptions { HttpHandler = OverSocket(), DisposeHttpClient = true }
        );

    /// <summary>A path of the TLS port.</summary>
    public async Task<HttpStatusCode> GetOverTlsAsync(string path)
    {
        using var http = new HttpClient(OverTls());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://127.0.0.1:{_grpcPort}{path}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>The name on the certificate that is shown now.</summary>
    public async Task<string> CertificateNameAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _grpcPort);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", CertificateChainPolicy = Policy() }
        );
        return tls.RemoteCertificate!.Subject;
    }

    /// <summary>What the ledger has, oldest first.</summary>
    public async Task<IReadOnlyList<JsonNode>> RecordsAsync()
    {
        using var http = new HttpClient(OverSocket());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("http://auditor/v1/records?last=100000"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return
        [
            .. (await answer.Content.ReadAsStringAsync())
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!)
                .OrderBy(record => (long)record["sequence"]!),
        ];
    }

    /// <summary>The record of a call; null when there is none.</summary>
    public async Task<JsonNode?> RecordAsync(string call) =>
        (await RecordsAsync()).SingleOrDefault(record => (string)record["call"]! == call);

    /// <summary>Ends it; its log stands with the test's result, and is printed where the test failed.</summary>
    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(Process.Output);
        _http.Dispose();
        Certificates.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private SocketsHttpHandler OverTls() => new() { SslOptions = { CertificateChainPolicy = Policy() } };

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(Certificates.Authority);
        return policy;
    }

    private SocketsHttpHandler OverSocket() =>
        new()
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
}
