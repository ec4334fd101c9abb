using System.Text.Json;
using Ocx.Api;

namespace Ocx.Cluster.Tests;

/// <summary>
/// A cluster with the chart installed, an MCP server in a pod, and what an administrator types. The cluster is that of KUBECONFIG, whose nodes
/// have or can pull the images, or else this machine's own (hack/cluster/up).
/// </summary>
public sealed class Release : IAsyncLifetime
{
    public const string Namespace = "ocx-system";
    public const string Workloads = "ocx-workloads";
    private const string Name = "ocx-tap";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private string _kubeconfig = string.Empty;
    private string _tools = string.Empty;
    private int _pods;

    public static string Root { get; } = FindRoot();

    /// <summary>Whether the node is this machine, so that its kernel can be asked.</summary>
    public bool IsLocal { get; private set; }

    private static string Chart => Path.Combine(Root, "deploy/helm/ocx-tap");

    public async ValueTask InitializeAsync()
    {
        var given = Environment.GetEnvironmentVariable("KUBECONFIG");
        IsLocal = string.IsNullOrEmpty(given);
        _kubeconfig = IsLocal ? (await Command.RunAsync(Path.Combine(Root, "hack/cluster/up"), [])).Trim() : given!;
        _tools = (await Command.RunAsync(Path.Combine(Root, "hack/controlplane/assets"), [])).Trim().Split('\n')[^1];
        await UninstallAsync();
        await InstallAsync();
        await KubectlAsync("create", "namespace", Workloads);
    }

    public async ValueTask DisposeAsync()
    {
        await KubectlAsync("delete", "namespace", Workloads, "--ignore-not-found");
        await UninstallAsync();
    }

    public Task<string> KubectlAsync(params string[] arguments) => Command.RunAsync(Tool("kubectl"), ["--kubeconfig", _kubeconfig, .. arguments]);

    public Task<string> HelmAsync(params string[] arguments) => Command.RunAsync(Tool("helm"), ["--kubeconfig", _kubeconfig, "--namespace", Namespace, .. arguments]);

    /// <summary>kubectl apply -f -</summary>
    public Task<string> ApplyAsync(string manifest) => Command.RunAsync(Tool("kubectl"), ["--kubeconfig", _kubeconfig, "apply", "-f", "-"], manifest);

    public Task<string> InstallAsync(params string[] values) => HelmAsync(
        ["upgrade", "--install", Name, Chart, "--create-namespace", "--wait", "--timeout", "2m", .. values.SelectMany(value => new[] { "--set", value })]);

    /// <summary>Removes the release and what helm leaves: definitions, and their objects with them.</summary>
    public async Task UninstallAsync()
    {
        if ((await HelmAsync("list", "--short")).Contains(Name, StringComparison.Ordinal))
        {
            await HelmAsync("uninstall", Name, "--wait");
        }

        await KubectlAsync("delete", "-f", Path.Combine(Root, "deploy/crds"), "--ignore-not-found");
        await KubectlAsync("delete", "namespace", Namespace, Workloads, "--ignore-not-found");
    }

    public Task<string> TapAsync(string name, string spec) => ApplyAsync(
        $$"""{"apiVersion":"ocx.dev/v1alpha1","kind":"McpTap","metadata":{"name":"{{name}}"},"spec":{{spec}}}""");

    public async Task<V1Alpha1McpTapStatus> StatusAsync(string tap) =>
        JsonSerializer.Deserialize<V1Alpha1McpTap>(await KubectlAsync("get", "mcptap", tap, "-o", "json"), s_json)!.Status ?? new();

    /// <summary>Waits until a tap's status is as expected.</summary>
    public Task<TimeSpan> StatusAsync(string tap, Predicate<V1Alpha1McpTapStatus> expected, string what, int seconds = 60) => Eventually.TrueAsync(
        async () => expected(await StatusAsync(tap)), seconds, what,
        async () => await KubectlAsync("get", "mcptap", tap, "-o", "jsonpath={.status}")
            + await KubectlAsync("-n", Namespace, "get", "daemonset", $"ocx-agent-{tap}", "-o", "jsonpath={.status}")
            + await KubectlAsync("-n", Namespace, "get", "pods", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.conditions}{\"\\n\"}{end}"));

    public Task<TimeSpan> ReadyAsync(string tap) => StatusAsync(
        tap, status => status.ReadyNodes >= 1 && status.ReadyNodes == status.DesiredNodes && status.Conditions!.Any(condition => condition is { Type: "Ready", Status: "True" }),
        $"{tap} is ready");

    /// <summary>The name of the one pod of a tap's agents.</summary>
    public async Task<string> AgentAsync(string tap) =>
        (await KubectlAsync("-n", Namespace, "get", "pods", "-l", $"ocx.dev/tap={tap}", "-o", "jsonpath={.items[0].metadata.name}")).Trim();

    /// <summary>Starts an MCP server in a pod.</summary>
    /// <returns>Its URL on the pod network.</returns>
    public async Task<string> StartServerAsync(int port)
    {
        var pod = $"server-{port}";
        await ApplyAsync(Pod(pod, ["server", $"http://0.0.0.0:{port}"], "Always") + $$"""

                  readinessProbe: {tcpSocket: {port: {{port}}}, periodSeconds: 1}
            """);
        await KubectlAsync("-n", Workloads, "wait", "--for=condition=Ready", $"pod/{pod}", "--timeout=60s");
        var address = await KubectlAsync("-n", Workloads, "get", "pod", pod, "-o", "jsonpath={.status.podIP}");
        return $"http://{address}:{port}";
    }

    /// <summary>Runs an MCP client in a pod to its end.</summary>
    /// <returns>What it says that its connections carried.</returns>
    internal async Task<Conversation> ConverseAsync(string url, int calls) => await EndAsync(await StartClientAsync(url, calls));

    /// <summary>Starts an MCP client in a pod.</summary>
    internal async Task<string> StartClientAsync(string url, int calls, int callsPerSecond = 0)
    {
        var pod = $"client-{Interlocked.Increment(ref _pods)}";
        await ApplyAsync(Pod(pod, ["client", url, $"{calls}", $"{callsPerSecond}"], "Never"));
        return pod;
    }

    /// <summary>Waits for a client's end.</summary>
    internal async Task<Conversation> EndAsync(string pod, int seconds = 120)
    {
        await Eventually.TrueAsync(
            async () => await KubectlAsync("-n", Workloads, "get", "pod", pod, "-o", "jsonpath={.status.phase}") is "Succeeded" or "Failed", seconds, $"{pod} has ended");
        var log = await KubectlAsync("-n", Workloads, "logs", pod);
        Assert.True(log.TrimEnd().EndsWith('}'), log);
        return JsonSerializer.Deserialize<Conversation>(log.TrimEnd().Split('\n')[^1], s_json)!;
    }

    private string Tool(string name) => _tools.Split(':').Select(folder => Path.Combine(folder, name)).First(File.Exists);

    private static string Pod(string name, string[] arguments, string restart) => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, namespace: {{Workloads}}}
        spec:
          restartPolicy: {{restart}}
          terminationGracePeriodSeconds: 2
          containers:
            - name: mcp
              image: {{Environment.GetEnvironmentVariable("OCX_SAMPLES_IMAGE") ?? "ghcr.io/ocx-dev/ocx-samples-mcp:0.1.0"}}
              args: {{JsonSerializer.Serialize(arguments)}}
        """;

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ocx.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return folder;
    }
}

/// <summary>A client's account of its connections: calls, segments with payload both ways, payload bytes both ways.</summary>
internal sealed record Conversation(long Calls, long Segments, long Bytes);
