using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Ocx.Api;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// A control plane with the chart's definitions and accounts installed, and the calls that tests share.
/// </summary>
public sealed class Cluster : IAsyncLifetime
{
    public const string Namespace = "ocx-system";

    /// <summary>The account that the chart gives all agents.</summary>
    public const string AgentAccount = "ocx-tap-agent";

    // Made when it is asked for: one that is replaced would leave its folder behind.
    public ControlPlane ControlPlane
    {
        get => field ??= new();
        init;
    }

    /// <summary>Values of the chart, as helm's --set takes them.</summary>
    public string ChartValues { get; init; } = string.Empty;

    public Kubernetes Admin => ControlPlane.Admin;

    /// <summary>A kubeconfig of the account that the chart gives the operator.</summary>
    public string OperatorKubeConfig { get; private set; } = string.Empty;

    public async ValueTask InitializeAsync()
    {
        await ControlPlane.InitializeAsync();
        await ControlPlane.HelmAsync(
            "install",
            "ocx",
            Path.Combine(Checkout.Root, "deploy/helm/ocx-tap"),
            "--namespace",
            Namespace,
            "--create-namespace",
            "--set",
            ChartValues
        );
        if (!ControlPlane.HasControllerManager)
        {
            // The controller-manager's part: pods are refused where a namespace has no default account.
            await Admin.CoreV1.CreateNamespacedServiceAccountAsync(
                new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "default" } },
                Namespace
            );
        }

        await Eventually.TrueAsync(
            async () =>
                (await Admin.CoreV1.ListNamespacedServiceAccountAsync(Namespace)).Items.Any(account =>
                    account.Name() == "default"
                ),
            "the namespace has its default account"
        );
        OperatorKubeConfig = ControlPlane.WriteKubeConfig("operator", await TokenAsync("ocx-tap-operator"));
        await KindsAreServedAsync();
    }

    /// <summary>Starts the API server again, and waits until it serves the chart's kinds as well as its own.</summary>
    public async Task StartApiServerAsync()
    {
        await ControlPlane.StartApiServerAsync();
        await KindsAreServedAsync();
    }

    /// <summary>An operator, as a process of its own and with its own account.</summary>
    /// <param name="settings">Environment variables beside those that every operator has here.</param>
    public OperatorProcess StartOperator(params (string Name, string Value)[] settings) =>
        new(OperatorKubeConfig, settings);

    public async Task<string> TokenAsync(string account, params string[] audiences) => (
            await Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(
                new Authenticationv1TokenRequest
                {
                    Spec = new V1TokenRequestSpec { Audiences = audiences, ExpirationSeconds = 3600 },
                },
                account,
                Namespace
            )
        ).Status.Token;

    /// <summary>
    /// The token that a kubelet hands to a pod of an account: bound to the pod, and on servers that know how (1.30)
    /// with the node's name in it, which the chart's admission policy compares.
    /// </summary>
    /// <param name="account">The account, of the chart's namespace.</param>
    /// <param name="node">The pod's node.</param>
    /// <param name="audiences">Whom it is for; the API server itself when none is named.</param>
    public async Task<string> PodTokenAsync(string account, string node, params string[] audiences)
    {
        var pod = await Admin.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta { GenerateName = $"{account}-" },
                Spec = new V1PodSpec
                {
                    NodeName = node,
                    ServiceAccountName = account,
                    // An old server would have the pod wait for the account's Secret.
                    AutomountServiceAccountToken = false,
                    Containers = [new V1Container { Name = "agent", Image = "agent" }],
                },
            },
            Namespace
        );
        var request = new V1TokenRequestSpec
        {
            Audiences = audiences,
            ExpirationSeconds = 3600,
            BoundObjectRef = new V1BoundObjectReference
            {
                ApiVersion = "v1",
                Kind = "Pod",
                Name = pod.Name(),
                Uid = pod.Uid(),
            },
        };
        return (
            await Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(
                new Authenticationv1TokenRequest { Spec = request },
                account,
                Namespace
            )
        )
            .Status
            .Token;
    }

    public Task<V1Alpha1McpTap> CreateTapAsync(string name, string spec = "{}") =>
        Admin.CustomObjects.CreateClusterCustomObjectAsync<V1Alpha1McpTap>(
            JsonNode.Parse(
                $$"""{"apiVersion":"ocx.dev/v1alpha1","kind":"McpTap","metadata":{"name":"{{name}}"},"spec":{{spec}}}"""
            )!,
            OcxApi.Group,
            OcxApi.Version,
            V1Alpha1McpTap.KubePluralName
        );

    public Task<V1Alpha1McpTap> TapAsync(string name) =>
        Admin.CustomObjects.GetClusterCustomObjectAsync<V1Alpha1McpTap>(
            OcxApi.Group,
            OcxApi.Version,
            V1Alpha1McpTap.KubePluralName,
            name
        );

    public Task PatchTapAsync(string name, string merge) =>
        Admin.CustomObjects.PatchClusterCustomObjectAsync(
            new V1Patch(merge, V1Patch.PatchType.MergePatch),
            OcxApi.Group,
            OcxApi.Version,
            V1Alpha1McpTap.KubePluralName,
            name
        );

    public async Task DeleteTapAsync(string name) =>
        await Admin.CustomObjects.DeleteClusterCustomObjectAsync(
            OcxApi.Group,
            OcxApi.Version,
            V1Alpha1McpTap.KubePluralName,
            name
        );

    public async Task<V1DaemonSet?> DaemonSetAsync(string tap) =>
        (await Admin.AppsV1.ListNamespacedDaemonSetAsync(Namespace)).Items.FirstOrDefault(set =>
            set.Name() == $"ocx-agent-{tap}"
        );

    public Task<TimeSpan> DaemonSetExistsAsync(string tap) =>
        Eventually.TrueAsync(async () => await DaemonSetAsync(tap) is not null, $"the DaemonSet of {tap} exists");

    /// <summary>A node, of a pool where a tap is to select it alone.</summary>
    public Task CreateNodeAsync(string name, string? pool = null) =>
        Admin.CoreV1.CreateNodeAsync(
            new V1Node
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Labels = pool is null ? null : new Dictionary<string, string> { ["pool"] = pool },
                },
            }
        );

    /// <summary>An agent's report writer on a node, with the agents' account and a token of that node.</summary>
    public async Task<Reporter> StartReporterAsync(string tap, string node)
    {
        var uid = (await TapAsync(tap)).Uid();
        var token = await PodTokenAsync(AgentAccount, node);
        return new Reporter(ControlPlane.Address, ControlPlane.Authority, token, tap, uid, node);
    }

    /// <summary>Waits until the tap's status is as expected.</summary>
    public Task<TimeSpan> StatusAsync(string tap, Predicate<V1Alpha1McpTapStatus> expected, string what) =>
        Eventually.TrueAsync(async () => (await TapAsync(tap)).Status is { } status && expected(status), what);

    /// <summary>The events about a tap.</summary>
    public async Task<IReadOnlyList<Corev1Event>> EventsAsync(string tap) =>
        [
            .. (
                await Admin.CoreV1.ListEventForAllNamespacesAsync(
                    fieldSelector: $"involvedObject.kind=McpTap,involvedObject.name={tap}"
                )
            ).Items,
        ];

    /// <summary>Waits until an event about a tap has a reason and a text.</summary>
    public Task<TimeSpan> EventAsync(string tap, string reason, string text) =>
        Eventually.TrueAsync(
            async () =>
                (await EventsAsync(tap)).Any(news =>
                    news.Reason == reason && news.Message.Contains(text, StringComparison.Ordinal)
                ),
            $"an event {reason} about {tap} says '{text}'"
        );

    /// <summary>Asks the API server whether an account of the chart may do something.</summary>
    /// <param name="account">The account.</param>
    /// <param name="verb">What.</param>
    /// <param name="resource"><c>GROUP/RESOURCE[/SUBRESOURCE[/NAME]]</c>.</param>
    /// <param name="namespaceName">Where; null for the chart's own namespace.</param>
    public async Task<bool> MayAsync(string account, string verb, string resource, string? namespaceName = null)
    {
        var parts = resource.Split('/');
        var review = await Admin.AuthorizationV1.CreateSubjectAccessReviewAsync(
            new V1SubjectAccessReview
            {
                Spec = new V1SubjectAccessReviewSpec
                {
                    User = $"system:serviceaccount:{Namespace}:{account}",
                    Groups = ["system:serviceaccounts", $"system:serviceaccounts:{Namespace}", "system:authenticated"],
                    ResourceAttributes = new V1ResourceAttributes
                    {
                        Group = parts[0],
                        Resource = parts[1],
                        Name = parts.Length > 3 ? parts[3] : null,
                        Subresource = parts.Length > 2 && parts[2].Length > 0 ? parts[2] : null,
                        Verb = verb,
                        NamespaceProperty = namespaceName ?? Namespace,
                    },
                },
            }
        );
        return review.Status.Allowed;
    }

    /// <summary>
    /// Removes what tests make: taps and all that follows from them, nodes, pods, leases of operators that were killed.
    /// </summary>
    public async Task ClearAsync()
    {
        if (!ControlPlane.IsServing)
        {
            await StartApiServerAsync();
        }

        await Admin.CustomObjects.DeleteCollectionClusterCustomObjectAsync(
            OcxApi.Group,
            OcxApi.Version,
            V1Alpha1McpTap.KubePluralName
        );
        await Admin.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync(
            OcxApi.Group,
            OcxApi.Version,
            Namespace,
            V1Alpha1McpTapReport.KubePluralName
        );
        await Eventually.TrueAsync(
            async () =>
            {
                await Admin.AppsV1.DeleteCollectionNamespacedDaemonSetAsync(Namespace);
                await Admin.CoreV1.DeleteCollectionNamespacedPodAsync(Namespace, gracePeriodSeconds: 0);
                await Admin.CoordinationV1.DeleteCollectionNamespacedLeaseAsync(Namespace);
                await Admin.RbacAuthorizationV1.DeleteCollectionNamespacedRoleBindingAsync(
                    Namespace,
                    labelSelector: OcxApi.TapLabel
                );
                await Admin.RbacAuthorizationV1.DeleteCollectionNamespacedRoleAsync(
                    Namespace,
                    labelSelector: OcxApi.TapLabel
                );
                await Admin.CoreV1.DeleteCollectionNamespacedServiceAccountAsync(
                    Namespace,
                    labelSelector: OcxApi.TapLabel
                );
                await Admin.CoreV1.DeleteCollectionNodeAsync();
                return (await Admin.AppsV1.ListNamespacedDaemonSetAsync(Namespace)).Items.Count == 0
                    && (await Admin.CoreV1.ListNamespacedPodAsync(Namespace)).Items.Count == 0;
            },
            "what the test made is gone"
        );
    }

    public async ValueTask DisposeAsync() => await ControlPlane.DisposeAsync();

    private async Task KindsAreServedAsync() =>
        await Eventually.TrueAsync(
            async () =>
                await Admin.CustomObjects.ListClusterCustomObjectAsync(
                    OcxApi.Group,
                    OcxApi.Version,
                    V1Alpha1McpTap.KubePluralName
                )
                    is not null
                && await Admin.CustomObjects.ListNamespacedCustomObjectAsync(
                    OcxApi.Group,
                    OcxApi.Version,
                    Namespace,
                    V1Alpha1McpTapReport.KubePluralName
                )
                    is not null,
            "the API server serves the chart's kinds"
        );
}

/// <summary>The operator as its image runs it.</summary>
public sealed class OperatorProcess : IAsyncDisposable
{
    public OperatorProcess(string kubeConfig, params (string Name, string Value)[] settings)
    {
        HttpPort = ControlPlane.FreePort();
        Process = new ServerProcess(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "ocx-operator.dll")],
            new Dictionary<string, string>
            {
                ["KUBECONFIG"] = kubeConfig,
                ["OCX_NAMESPACE"] = Cluster.Namespace,
                ["OCX_HTTP_ADDRESS"] = "127.0.0.1",
                ["OCX_HTTP_PORT"] = $"{HttpPort}",
            }
                .Concat(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)))
                .ToDictionary()
        );
    }

    public ServerProcess Process { get; }

    public int HttpPort { get; }

    public async Task<string> GetAsync(string path)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync($"http://127.0.0.1:{HttpPort}{path}");
    }

    /// <summary>Waits until it has read what there is, so that it can lead.</summary>
    public Task StandsByAsync() =>
        Eventually.TrueAsync(async () => await GetAsync("/readyz") == "ok", "this replica stands by");

    /// <summary>How often it has looked at taps.</summary>
    public async Task<int> ReconciledAsync() =>
        (await GetAsync("/metrics"))
            .Split('\n')
            .Where(line => line.StartsWith("ocx_operator_reconcile_duration_seconds_count", StringComparison.Ordinal))
            .Sum(line => int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));

    public Task LeadsAsync() =>
        Eventually.TrueAsync(
            async () => (await GetAsync("/metrics")).Split('\n').Contains("ocx_operator_leader 1"),
            "this replica leads"
        );

    /// <summary>Ends it; its log stands with the test's result, and is printed where the test failed.</summary>
    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(Process.Output);
    }
}
