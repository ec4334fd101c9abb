using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Api;

namespace Ocx.Cluster.Tests;

/// <summary>
/// A cluster with the chart installed, an MCP server in a pod, and what an administrator types. The cluster is that of
/// KUBECONFIG, whose nodes have or can pull the images, or else this machine's own (hack/cluster/up).
/// </summary>
public sealed class Release : IAsyncLifetime
{
    public const string Namespace = "ocx-system";
    public const string Workloads = "ocx-workloads";

    /// <summary>The address of hack/cluster's node, which is this machine.</summary>
    internal const string NodeAddress = "10.97.0.1";

    private const string Name = "ocx-tap";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly DirectoryInfo _cache = Directory.CreateTempSubdirectory("ocx-kubectl-");
    private string _kubeconfig = string.Empty;
    private string _tools = string.Empty;
    private Kubernetes? _kubernetes;
    private int _pods;

    // False until it is known that what these tests delete is nobody else's.
    private bool _isOurs;

    private static readonly ConcurrentDictionary<int, bool> s_ports = new();

    /// <summary>Whether the node is this machine, so that its kernel can be asked.</summary>
    public bool IsLocal { get; private set; }

    /// <summary>The file that the administrator's tools are given.</summary>
    public string KubeConfig => _kubeconfig;

    /// <summary>The API server without a program to start: what is asked many times a test is asked here.</summary>
    private Kubernetes Kubernetes =>
        _kubernetes ??= new(KubernetesClientConfiguration.BuildConfigFromConfigFile(_kubeconfig));

    private static string Chart => Path.Combine(Checkout.Root, "deploy/helm/ocx-tap");

    public async ValueTask InitializeAsync()
    {
        var given = Environment.GetEnvironmentVariable("KUBECONFIG");
        IsLocal = string.IsNullOrEmpty(given);
        _kubeconfig = IsLocal
            ? (await Command.RunAsync(Path.Combine(Checkout.Root, "hack/cluster/up"), [])).Trim()
            : given!;
        // What one cluster serves is not to be remembered for the next, which has the same address.
        Environment.SetEnvironmentVariable("KUBECACHEDIR", _cache.FullName);
        _tools = (await Command.RunAsync(Path.Combine(Checkout.Root, "hack/controlplane/assets"), []))
            .Trim()
            .Split('\n')[^1];
        if (!IsLocal)
        {
            Refuse(await ThereAsync(), Environment.GetEnvironmentVariable("FORCE"));
        }

        _isOurs = true;
        await RemoveAsync(wait: true, Namespace, Workloads);
        await InstallAsync();
        await KubectlAsync("create", "namespace", Workloads);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isOurs)
        {
            await RemoveAsync(wait: false, Namespace, Workloads);
        }

        _kubernetes?.Dispose();
        _cache.Delete(recursive: true);
    }

    public Task<string> KubectlAsync(params string[] arguments) =>
        Command.RunAsync(Tool("kubectl"), ["--kubeconfig", _kubeconfig, .. arguments]);

    public Task<string> HelmAsync(params string[] arguments) =>
        Command.RunAsync(Tool("helm"), ["--kubeconfig", _kubeconfig, "--namespace", Namespace, .. arguments]);

    /// <summary>Runs lines of a shell with the cluster's tools and its kubeconfig, until one fails.</summary>
    public Task<string> ShellAsync(string script) =>
        Command.RunAsync(
            "bash",
            [
                "-euo",
                "pipefail",
                "-c",
                $"export KUBECONFIG='{_kubeconfig}' PATH='{_tools}:{Checkout.Root}/artifacts':$PATH\n"
                    + $"cd '{Checkout.Root}'\n{script}",
            ]
        );

    public Task<string> InstallAsync(params string[] values) =>
        HelmAsync([
            "upgrade",
            "--install",
            Name,
            Chart,
            "--create-namespace",
            "--wait",
            "--timeout",
            "10m",
            .. values.SelectMany(value => new[] { "--set", value }),
        ]);

    /// <summary>What the cluster has of what these tests delete: release, definitions, namespaces.</summary>
    internal async Task<string[]> ThereAsync()
    {
        string releases = await HelmAsync("list", "--short", "--filter", $"^{Name}$");
        string objects = await KubectlAsync(
            "get",
            $"crd/{V1Alpha1McpTap.KubePluralName}.{OcxApi.Group}",
            $"crd/{V1Alpha1McpTapReport.KubePluralName}.{OcxApi.Group}",
            $"crd/{V1Alpha1McpAudit.KubePluralName}.{OcxApi.Group}",
            $"crd/{V1Alpha1McpApproval.KubePluralName}.{OcxApi.Group}",
            $"namespace/{Namespace}",
            $"namespace/{Workloads}",
            "--ignore-not-found",
            "--output=name"
        );
        return
        [
            .. releases.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(release => $"the release {release}"),
            .. objects.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        ];
    }

    /// <summary>Fails when something is there, unless that is what the caller wants.</summary>
    /// <param name="there">What these tests would delete.</param>
    /// <param name="force"><c>1</c> deletes it.</param>
    internal static void Refuse(string[] there, string? force)
    {
        if (there.Length > 0 && force != "1")
        {
            throw new InvalidOperationException(
                $"The cluster of KUBECONFIG has {string.Join(", ", there)}, which these tests delete. Take an empty "
                    + "cluster, or say FORCE=1."
            );
        }
    }

    /// <summary>
    /// Removes the release and what helm leaves: definitions, their objects with them, the agents' rights, and
    /// namespaces, which take a minute to go.
    /// </summary>
    internal async Task RemoveAsync(bool wait, params string[] namespaces)
    {
        if ((await HelmAsync("list", "--short")).Contains(Name, StringComparison.Ordinal))
        {
            await KubectlAsync("delete", "mcptaps", "--all");
            await HelmAsync("uninstall", Name, "--wait");
        }

        await KubectlAsync("delete", "-f", Path.Combine(Checkout.Root, "deploy/crds"), "--ignore-not-found");
        await KubectlAsync(
            "delete",
            "clusterrole,clusterrolebinding",
            "ocx-tap-agent-attribution",
            "--ignore-not-found"
        );
        await KubectlAsync([
            "delete",
            "namespace",
            .. namespaces,
            "--ignore-not-found",
            $"--wait={(wait ? "true" : "false")}",
        ]);
    }

    /// <summary>kubectl apply -f -</summary>
    internal Task<string> ApplyAsync(string objects) =>
        Command.RunAsync(Tool("kubectl"), ["--kubeconfig", _kubeconfig, "apply", "-f", "-"], objects);

    /// <summary>kubectl apply -f -</summary>
    /// <returns>The tap, which is deleted when it is disposed of.</returns>
    internal async Task<AppliedTap> TapAsync(string name, string spec)
    {
        await ApplyAsync(
            $$"""{"apiVersion":"ocx.dev/v1alpha1","kind":"McpTap","metadata":{"name":"{{name}}"},"spec":{{spec}}}"""
        );
        return new AppliedTap(() => DeleteTapAsync(name));
    }

    /// <summary>Deletes a tap, if there is one.</summary>
    internal async Task DeleteTapAsync(string name)
    {
        try
        {
            await Kubernetes.CustomObjects.DeleteClusterCustomObjectAsync(
                OcxApi.Group,
                OcxApi.Version,
                "mcptaps",
                name
            );
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // A test has deleted it, or its definition.
        }
    }

    /// <summary>
    /// A port that no other test has and nobody on this machine listens on, below those that the kernel gives to
    /// connections: a tap of <c>any</c> on a node that is this machine sees the traffic of all its programs.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            int port = RandomNumberGenerator.GetInt32(10_000, 30_000);
            if (
                s_ports.TryAdd(port, true)
                && IPGlobalProperties
                    .GetIPGlobalProperties()
                    .GetActiveTcpListeners()
                    .All(listener => listener.Port != port)
            )
            {
                return port;
            }
        }
    }

    public async Task<V1Alpha1McpTapStatus> StatusAsync(string tap) =>
        (
            await Kubernetes.CustomObjects.GetClusterCustomObjectAsync<V1Alpha1McpTap>(
                OcxApi.Group,
                OcxApi.Version,
                "mcptaps",
                tap
            )
        ).Status
        ?? new();

    /// <summary>Waits until a tap's status is as expected.</summary>
    public Task<TimeSpan> StatusAsync(string tap, Predicate<V1Alpha1McpTapStatus> expected, string what) =>
        Eventually.TrueAsync(
            async () => expected(await StatusAsync(tap)),
            what,
            async () =>
                await KubectlAsync("get", "mcptap", tap, "-o", "jsonpath={.status}")
                + await KubectlAsync(
                    "-n",
                    Namespace,
                    "get",
                    "daemonset",
                    $"ocx-agent-{tap}",
                    "-o",
                    "jsonpath={.status}"
                )
                + await KubectlAsync(
                    "-n",
                    Namespace,
                    "get",
                    "pods",
                    "-o",
                    "jsonpath={range .items[*]}{.metadata.name} {.status.conditions}{\"\\n\"}{end}"
                )
        );

    public Task<TimeSpan> ReadyAsync(string tap) =>
        StatusAsync(
            tap,
            status =>
                status.ReadyNodes >= 1
                && status.ReadyNodes == status.DesiredNodes
                && status.Conditions!.Any(condition => condition is { Type: "Ready", Status: "True" }),
            $"{tap} is ready"
        );

    /// <summary>
    /// The pods of the release that a label selector names; of a tap's agents by <c>ocx.dev/tap=NAME</c>.
    /// </summary>
    public async Task<IList<V1Pod>> PodsAsync(string? selector = null) =>
        (await Kubernetes.CoreV1.ListNamespacedPodAsync(Namespace, labelSelector: selector)).Items;

    /// <summary>
    /// Waits until no container of the release's pods runs. The pods themselves may take the kubelet another minute: it
    /// takes a sandbox away when it happens to see it ended, or else when it next looks for litter.
    /// </summary>
    public Task<TimeSpan> NothingRunsAsync(string? selector = null) =>
        Eventually.TrueAsync(
            async () =>
                (await PodsAsync(selector)).All(pod =>
                    pod.Status.ContainerStatuses?.All(container => container.State.Running is null) == true
                ),
            $"no container runs of the pods {selector}",
            () => KubectlAsync("-n", Namespace, "get", "pods", "-o", "wide")
        );

    /// <summary>A pod of the release.</summary>
    public Task<V1Pod> PodAsync(string name) => Kubernetes.CoreV1.ReadNamespacedPodAsync(name, Namespace);

    /// <summary>Stops the API server of this machine's cluster, and starts it again.</summary>
    internal async Task RestartApiServerAsync()
    {
        string script = Path.Combine(Checkout.Root, "hack/cluster/apiserver");
        await Command.RunAsync(script, ["stop"]);
        await Command.RunAsync(script, ["start"]);
        await Eventually.TrueAsync(
            async () => (await KubectlAsync("get", "namespace", "default")).Length > 0,
            "the API server answers again"
        );
    }

    /// <summary>The one pod of a tap's agents that is not about to go.</summary>
    public async Task<V1Pod> AgentAsync(string tap) =>
        Assert.Single(await PodsAsync($"ocx.dev/tap={tap}"), pod => pod.Metadata.DeletionTimestamp is null);

    /// <summary>What that pod has in the kernel of this machine, which must be its node.</summary>
    internal async Task<AgentOnNode> AgentOnNodeAsync(string tap) =>
        AgentOnNode.Of((await AgentAsync(tap)).Status.ContainerStatuses[0].ContainerID);

    /// <summary>Watches the workloads' pods until it is disposed of.</summary>
    internal PodAddresses WatchAddresses() => new(Kubernetes, Workloads);

    /// <summary>Starts an MCP server in a pod.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="hostNetwork">It uses its node's network.</param>
    /// <param name="journal">Where it notes calls that reach it, in its own file system.</param>
    /// <param name="change">What else is to be said of its pod.</param>
    internal async Task<Server> StartServerAsync(
        int port,
        bool hostNetwork = false,
        string? journal = null,
        Action<V1Pod>? change = null
    )
    {
        var pod = await StartPodAsync(
            "server",
            "Always",
            ["server", $"http://0.0.0.0:{port}", .. journal is null ? [] : (string[])["--journal", journal]],
            hostNetwork,
            pod =>
            {
                pod.Spec.Containers[0].ReadinessProbe = new V1Probe
                {
                    TcpSocket = new() { Port = port },
                    PeriodSeconds = 1,
                };
                change?.Invoke(pod);
            }
        );
        await Eventually.TrueAsync(
            async () =>
                (await WorkloadAsync(pod)).Status.Conditions?.Any(condition =>
                    condition is { Type: "Ready", Status: "True" }
                ) == true,
            $"{pod} is ready"
        );
        return new Server(pod, $"http://{(await WorkloadAsync(pod)).Status.PodIP}:{port}", () => DeletePodAsync(pod));
    }

    /// <summary>Runs an MCP client in a pod to its end.</summary>
    /// <returns>What it says that its connections carried.</returns>
    internal async Task<Conversation> ConverseAsync(string url, int calls) =>
        await EndAsync(await StartClientAsync(url, calls));

    /// <summary>Starts an MCP client in a pod.</summary>
    internal Task<string> StartClientAsync(string url, int calls, int callsPerSecond = 0, bool hostNetwork = false) =>
        StartPodAsync("client", "Never", ["client", url, $"{calls}", $"{callsPerSecond}"], hostNetwork);

    /// <summary>Has an MCP client in a pod call tools, whatever comes of it.</summary>
    /// <param name="url">The server.</param>
    /// <param name="calls">A tool and its arguments, and so on.</param>
    /// <returns>What it says, a line a call.</returns>
    internal async Task<string[]> CallAsync(string url, params string[] calls) =>
        await CalledAsync(await StartCallsAsync(url, calls));

    /// <summary>Has an MCP client in a pod begin to call tools.</summary>
    /// <returns>The pod.</returns>
    internal Task<string> StartCallsAsync(string url, params string[] calls) =>
        StartPodAsync("caller", "Never", ["call", url, .. calls], hostNetwork: false);

    /// <summary>Waits for the end of such a client.</summary>
    internal async Task<string[]> CalledAsync(string pod)
    {
        await Eventually.TrueAsync(
            async () => (await WorkloadAsync(pod)).Status.Phase is "Succeeded" or "Failed",
            $"{pod} has ended",
            () => LogAsync(pod),
            seconds: 300
        );
        string log = await LogAsync(pod);
        await DeletePodAsync(pod);
        return log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>What a pod of the workloads has written.</summary>
    internal async Task<string> LogAsync(string pod)
    {
        using var stream = new StreamReader(await Kubernetes.CoreV1.ReadNamespacedPodLogAsync(pod, Workloads));
        return await stream.ReadToEndAsync();
    }

    /// <summary>The runtime's id of the container of a pod of the workloads.</summary>
    internal async Task<string> ContainerAsync(string pod)
    {
        string id = (await WorkloadAsync(pod)).Status.ContainerStatuses[0].ContainerID;
        return id[(id.IndexOf("://", StringComparison.Ordinal) + 3)..];
    }

    /// <summary>Waits for a client's end.</summary>
    internal async Task<Conversation> EndAsync(string pod)
    {
        await Eventually.TrueAsync(
            async () => (await WorkloadAsync(pod)).Status.Phase is "Succeeded" or "Failed",
            $"{pod} has ended",
            seconds: 600
        );
        using var stream = new StreamReader(await Kubernetes.CoreV1.ReadNamespacedPodLogAsync(pod, Workloads));
        var log = (await stream.ReadToEndAsync()).TrimEnd();
        Assert.True(log.EndsWith('}'), log);
        await DeletePodAsync(pod);
        return JsonSerializer.Deserialize<Conversation>(log.Split('\n')[^1], s_json)!;
    }

    /// <summary>Deletes a pod of the workloads, if there is one, and does not wait for its end.</summary>
    internal async Task DeletePodAsync(string pod)
    {
        try
        {
            await Kubernetes.CoreV1.DeleteNamespacedPodAsync(pod, Workloads, gracePeriodSeconds: 1);
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // A drained node has deleted it.
        }
    }

    /// <summary>A pod of the workloads.</summary>
    internal Task<V1Pod> WorkloadAsync(string name) => Kubernetes.CoreV1.ReadNamespacedPodAsync(name, Workloads);

    private async Task<string> StartPodAsync(
        string kind,
        string restart,
        string[] arguments,
        bool hostNetwork,
        Action<V1Pod>? change = null
    )
    {
        var image = Environment.GetEnvironmentVariable("OCX_SAMPLES_IMAGE") ?? "ghcr.io/ocx-dev/ocx-samples-mcp:0.1.0";
        string name = $"{kind}-{Interlocked.Increment(ref _pods)}";
        var pod = new V1Pod
        {
            Metadata = new()
            {
                Name = name,
                Labels = new Dictionary<string, string> { ["app"] = name },
            },
            Spec = new()
            {
                RestartPolicy = restart,
                TerminationGracePeriodSeconds = 2,
                HostNetwork = hostNetwork,
                Containers =
                [
                    new()
                    {
                        Name = "mcp",
                        Image = image,
                        Args = arguments,
                        Env =
                        [
                            new()
                            {
                                Name = "POD_NAME",
                                ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.name" } },
                            },
                        ],
                    },
                ],
            },
        };
        change?.Invoke(pod);
        return (await Kubernetes.CoreV1.CreateNamespacedPodAsync(pod, Workloads)).Name();
    }

    private string Tool(string name) =>
        _tools.Split(':').Select(folder => Path.Combine(folder, name)).First(File.Exists);
}

/// <summary>An MCP server in a pod until it is disposed of.</summary>
internal sealed class Server(string pod, string url, Func<Task> stop) : IAsyncDisposable
{
    /// <summary>The pod's name, and the value of its label <c>app</c>.</summary>
    public string Pod => pod;

    /// <summary>Its URL on the pod network.</summary>
    public string Url => url;

    public async ValueTask DisposeAsync() => await stop();
}

/// <summary>A tap until it is disposed of.</summary>
internal sealed class AppliedTap(Func<Task> delete) : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await delete();
}

/// <summary>
/// A client's account of its connections: calls, segments with payload both ways, payload bytes both ways.
/// </summary>
internal sealed record Conversation(long Calls, long Segments, long Bytes);
