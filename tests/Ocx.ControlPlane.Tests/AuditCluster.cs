using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Kube;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// A control plane of its own with the chart's audit. No controller-manager and no kubelet: what the auditor's pods
/// would report, and what the auditor writes, tests write with its account.
/// </summary>
public sealed class AuditCluster : IAsyncLifetime
{
    /// <summary>Where the audits are.</summary>
    public const string Shop = "shop";

    /// <summary>An audit of one juror.</summary>
    public const string Spec =
        """{"server":{"port":PORT,"podSelector":{"matchLabels":{"app":"rows"}}},"""
        + """ "jury":{"jurors":[{"name":"s","signal":{}}]}}""";

    private Kubernetes? _asAuditor;

    public Cluster Cluster { get; } =
        new()
        {
            ControlPlane = new() { WithControllerManager = false },
            ChartValues = "audit.enabled=true,audit.gate.enabled=true,audit.gate.readinessGate=true",
        };

    /// <summary>A kubeconfig of the account that the chart gives the auditor.</summary>
    public string AuditorKubeConfig { get; private set; } = string.Empty;

    public Kubernetes Admin => Cluster.Admin;

    public async ValueTask InitializeAsync()
    {
        await Cluster.InitializeAsync();
        await Admin.CoreV1.CreateNamespaceAsync(
            new V1Namespace { Metadata = new V1ObjectMeta { Name = Shop } },
            cancellationToken: TestContext.Current.CancellationToken
        );
        // The controller-manager's part, for pods there.
        await Admin.CoreV1.CreateNamespacedServiceAccountAsync(
            new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "default" } },
            Shop,
            cancellationToken: TestContext.Current.CancellationToken
        );
        AuditorKubeConfig = Cluster.ControlPlane.WriteKubeConfig(
            "auditor",
            await Cluster.TokenAsync("ocx-tap-auditor")
        );
        _asAuditor = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(AuditorKubeConfig));
        await Eventually.TrueAsync(async () => await ListAsync() is not null, "the API server serves McpAudits");
    }

    /// <summary>An operator as the chart starts it.</summary>
    public OperatorProcess StartOperator(params (string Name, string Value)[] settings) =>
        Cluster.StartOperator([("OCX_AUDIT", "true"), .. settings]);

    /// <summary>The auditor's Service.</summary>
    public async Task<string> AddressAsync() =>
        (await Admin.CoreV1.ReadNamespacedServiceAsync("ocx-tap-auditor", Cluster.Namespace)).Spec.ClusterIP;

    public Task<V1Alpha1McpAudit> CreateAuditAsync(string name, string spec) =>
        Admin.CustomObjects.CreateNamespacedCustomObjectAsync<V1Alpha1McpAudit>(
            JsonNode.Parse(
                $$"""
                {"apiVersion":"ocx.dev/v1alpha1","kind":"McpAudit","metadata":{"name":"{{name}}"},"spec":{{spec}} }
                """
            )!,
            OcxApi.Group,
            OcxApi.Version,
            Shop,
            V1Alpha1McpAudit.KubePluralName
        );

    /// <summary>An audit of a port.</summary>
    public Task<V1Alpha1McpAudit> CreateAuditAsync(string name, int port) =>
        CreateAuditAsync(name, Spec.Replace("PORT", $"{port}", StringComparison.Ordinal));

    public Task<V1Alpha1McpAudit> AuditAsync(string name) =>
        Admin.CustomObjects.GetNamespacedCustomObjectAsync<V1Alpha1McpAudit>(
            OcxApi.Group,
            OcxApi.Version,
            Shop,
            V1Alpha1McpAudit.KubePluralName,
            name
        );

    public Task DeleteAuditAsync(string name) =>
        Admin.CustomObjects.DeleteNamespacedCustomObjectAsync(
            OcxApi.Group,
            OcxApi.Version,
            Shop,
            V1Alpha1McpAudit.KubePluralName,
            name
        );

    /// <summary>Waits until an audit's Ready has a reason and a text.</summary>
    public Task<TimeSpan> ReadyAsync(string name, string reason, string text = "") =>
        Eventually.TrueAsync(
            async () =>
                (await AuditAsync(name)).Status?.Conditions?.FirstOrDefault(each => each.Type == "Ready") is { } ready
                && ready.Reason == reason
                && ready.Message.Contains(text, StringComparison.Ordinal),
            $"{name} is {reason}: {text}"
        );

    /// <summary>Writes what the StatefulSet's controller would.</summary>
    public async Task SetAuditorsAsync(int wanted, int ready)
    {
        await Admin.AppsV1.PatchNamespacedStatefulSetAsync(
            new V1Patch($$$"""{"spec":{"replicas":{{{wanted}}}}}""", V1Patch.PatchType.MergePatch),
            "ocx-tap-auditor",
            Cluster.Namespace
        );
        await Admin.AppsV1.PatchNamespacedStatefulSetStatusAsync(
            new V1Patch(
                $$$"""{"status":{"replicas":{{{wanted}}},"readyReplicas":{{{ready}}}}}""",
                V1Patch.PatchType.MergePatch
            ),
            "ocx-tap-auditor",
            Cluster.Namespace
        );
    }

    /// <summary>Writes the auditor's part of a status, with the auditor's account.</summary>
    public async Task SayAsync(string name, (bool Value, string Message) rules, (bool Value, string Message) jurors)
    {
        var audit = await AuditAsync(name);
        await new ResourceClient<V1Alpha1McpAudit>(_asAuditor!, "ocx-auditor", Shop).ApplyStatusAsync(
            new V1Alpha1McpAudit
            {
                Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = Shop },
                Spec = null!,
                Status = new V1Alpha1McpAuditStatus
                {
                    Calls = new VerdictCounts { Total = 7, Refused = 2 },
                    Conditions = [Condition("RulesAccepted", rules), Condition("JurorsReady", jurors)],
                },
            },
            CancellationToken.None
        );

        V1Condition Condition(string type, (bool Value, string Message) said) =>
            new()
            {
                Type = type,
                Status = said.Value ? "True" : "False",
                Reason = said.Value ? "AsExpected" : "Refused",
                Message = said.Message,
                ObservedGeneration = audit.Metadata.Generation,
                LastTransitionTime = new DateTime(2026, 11, 27, 12, 0, 0, DateTimeKind.Utc),
            };
    }

    /// <summary>The environment of a tap's agents.</summary>
    public async Task<Dictionary<string, string?>> EnvironmentAsync(string tap) =>
        (await Cluster.DaemonSetAsync(tap))
            ?.Spec.Template.Spec.Containers[0]
            .Env.ToDictionary(variable => variable.Name, variable => (string?)variable.Value) ?? [];

    /// <summary>Removes what a test made.</summary>
    public async Task ClearAsync()
    {
        foreach (var audit in await ListAsync())
        {
            await DeleteAuditAsync(audit);
        }

        await SetAuditorsAsync(1, 0);
        await Cluster.ClearAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _asAuditor?.Dispose();
        await Cluster.DisposeAsync();
    }

    private async Task<List<string>> ListAsync() =>
        [
            .. JsonNode.Parse(
                KubernetesJson.Serialize(
                    await Admin.CustomObjects.ListNamespacedCustomObjectAsync(
                        OcxApi.Group,
                        OcxApi.Version,
                        Shop,
                        V1Alpha1McpAudit.KubePluralName
                    )
                )
            )!["items"]!
                .AsArray()
                .Select(item => (string)item!["metadata"]!["name"]!),
        ];
}

/// <summary>Tests that share one.</summary>
[CollectionDefinition(nameof(AuditCluster))]
public sealed class AuditClusterTests : ICollectionFixture<AuditCluster>;
