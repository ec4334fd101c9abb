using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Api;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// What tests of the auditor have in common: its account with the rights that it needs and no other, namespaces with
/// servers, and nodes. All of it is gone at the end, but for the two empty namespaces.
/// </summary>
public sealed class AuditScene : IAsyncDisposable
{
    public const string Shop = "shop",
        Bank = "bank";

    public const string Account = "ocx-tap-auditor",
        GateAccount = "ocx-tap-gate";

    /// <summary>An audit of the pods with app=rows, that refuses what the text says and releases the rest.</summary>
    public const string Spec = """
        {
          "server": {"podSelector": {"matchLabels": {"app": "rows"}}},
          "jury": {
            "onNoVotes": "Release",
            "deadline": "1m",
            "jurors": [
              {"name": "rules", "timeout": "50s",
               "policy": {"rules": [{"name": "no", "when": "RULE", "then": "Refuse"}]}}
            ]
          }
        }
        """;

    private readonly Cluster _cluster;

    private AuditScene(Cluster cluster) => _cluster = cluster;

    /// <summary>A kubeconfig of the auditor's account.</summary>
    public string KubeConfig { get; private set; } = string.Empty;

    private Kubernetes Admin => _cluster.Admin;

    public static async Task<AuditScene> StartAsync(Cluster cluster, params string[] nodes)
    {
        var scene = new AuditScene(cluster);
        try
        {
            await scene.MakeAsync(nodes);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>The audits' tokens of an agent on a node.</summary>
    public Task<string> AgentTokenAsync(string node) =>
        _cluster.PodTokenAsync(Cluster.AgentAccount, node, OcxApi.AuditorAudience);

    /// <summary>The token of a gate on a node.</summary>
    public Task<string> GateTokenAsync(string node) =>
        _cluster.PodTokenAsync(GateAccount, node, OcxApi.AuditorAudience);

    /// <summary>A spec that refuses what a rule says.</summary>
    public static string Refusing(string rule) => Spec.Replace("RULE", rule, StringComparison.Ordinal);

    public Task ApplyAsync(string namespaceName, string name, string spec) =>
        _cluster.ControlPlane.KubectlAsync(
            "apply",
            "-f",
            _cluster.ControlPlane.WriteFile(
                $"audit-{namespaceName}-{name}.json",
                $$"""
                {"apiVersion": "ocx.dev/v1alpha1", "kind": "McpAudit",
                 "metadata": {"namespace": "{{namespaceName}}", "name": "{{name}}"}, "spec": {{spec}}}
                """
            )
        );

    public async Task<V1Alpha1McpAudit> AuditAsync(string name, string namespaceName = Shop) =>
        await Admin.CustomObjects.GetNamespacedCustomObjectAsync<V1Alpha1McpAudit>(
            OcxApi.Group,
            OcxApi.Version,
            namespaceName,
            V1Alpha1McpAudit.KubePluralName,
            name
        );

    public async Task DeleteAsync(string name, string namespaceName = Shop) =>
        await Admin.CustomObjects.DeleteNamespacedCustomObjectAsync(
            OcxApi.Group,
            OcxApi.Version,
            namespaceName,
            V1Alpha1McpAudit.KubePluralName,
            name
        );

    /// <summary>Waits for a condition of an audit's generation.</summary>
    public async Task<V1Condition> ConditionAsync(string name, string type, string status, long generation = 1)
    {
        V1Condition? found = null;
        await Eventually.TrueAsync(
            async () =>
                (found = (await AuditAsync(name)).Status?.Conditions?.FirstOrDefault(one => one.Type == type))
                    is { } one
                && one.Status == status
                && one.ObservedGeneration == generation,
            $"{name} has the condition {type} {status} of generation {generation}"
        );
        return found!;
    }

    /// <summary>A pod that runs at an address, as its kubelet would report it.</summary>
    public async Task PodAsync(
        string name,
        string node,
        string address,
        string namespaceName = Shop,
        string app = "rows"
    )
    {
        await Admin.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Labels = new Dictionary<string, string> { ["app"] = app },
                },
                Spec = new V1PodSpec
                {
                    NodeName = node,
                    AutomountServiceAccountToken = false,
                    Containers = [new V1Container { Name = "server", Image = "server" }],
                },
            },
            namespaceName
        );
        await Admin.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch(
                $$$"""{"status":{"phase":"Running","podIP":"{{{address}}}","podIPs":[{"ip":"{{{address}}}"}]}}""",
                V1Patch.PatchType.MergePatch
            ),
            name,
            namespaceName
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (!_cluster.ControlPlane.IsServing)
        {
            await _cluster.StartApiServerAsync();
        }

        foreach (string space in new[] { Shop, Bank })
        {
            await Admin.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync(
                OcxApi.Group,
                OcxApi.Version,
                space,
                V1Alpha1McpAudit.KubePluralName
            );
            await Admin.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync(
                OcxApi.Group,
                OcxApi.Version,
                space,
                V1Alpha1McpApproval.KubePluralName
            );
            await Admin.CoreV1.DeleteCollectionNamespacedPodAsync(space, gracePeriodSeconds: 0);
            await Admin.CoreV1.DeleteCollectionNamespacedSecretAsync(space, labelSelector: "test");
            await Admin.RbacAuthorizationV1.DeleteCollectionNamespacedRoleBindingAsync(space);
            await Admin.RbacAuthorizationV1.DeleteCollectionNamespacedRoleAsync(space);
        }

        await IgnoreAsync(() => Admin.RbacAuthorizationV1.DeleteClusterRoleBindingAsync("test-auditor"));
        await IgnoreAsync(() => Admin.RbacAuthorizationV1.DeleteClusterRoleAsync("test-auditor"));
        await IgnoreAsync(() => Admin.CoreV1.DeleteNamespacedServiceAccountAsync(Account, Cluster.Namespace));
        await IgnoreAsync(() => Admin.CoreV1.DeleteNamespacedServiceAccountAsync(GateAccount, Cluster.Namespace));
    }

    private async Task MakeAsync(string[] nodes)
    {
        foreach (string space in new[] { Shop, Bank })
        {
            await IgnoreAsync(() =>
                Admin.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = space } })
            );
            if (!_cluster.ControlPlane.HasControllerManager)
            {
                await IgnoreAsync(() =>
                    Admin.CoreV1.CreateNamespacedServiceAccountAsync(
                        new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "default" } },
                        space
                    )
                );
            }

            await Eventually.TrueAsync(
                async () => (await Admin.CoreV1.ListNamespacedServiceAccountAsync(space)).Items.Count > 0,
                "the namespace has its default account"
            );
        }

        foreach (string node in nodes)
        {
            await _cluster.CreateNodeAsync(node);
        }

        foreach (string account in new[] { Account, GateAccount })
        {
            await Admin.CoreV1.CreateNamespacedServiceAccountAsync(
                new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = account } },
                Cluster.Namespace
            );
        }

        await Admin.RbacAuthorizationV1.CreateClusterRoleAsync(
            new V1ClusterRole
            {
                Metadata = new V1ObjectMeta { Name = "test-auditor" },
                Rules =
                [
                    Rule(OcxApi.Group, "mcpaudits", "get", "list", "watch"),
                    Rule(OcxApi.Group, "mcpaudits/status", "patch"),
                    Rule(OcxApi.Group, "mcpapprovals", "list", "watch", "create", "delete"),
                    Rule(OcxApi.Group, "mcpapprovals/status", "patch"),
                    Rule("", "pods", "list", "watch"),
                    Rule("authentication.k8s.io", "tokenreviews", "create"),
                ],
            }
        );
        await _cluster.ControlPlane.KubectlAsync(
            "create",
            "clusterrolebinding",
            "test-auditor",
            "--clusterrole=test-auditor",
            $"--serviceaccount={Cluster.Namespace}:{Account}"
        );
        KubeConfig = _cluster.ControlPlane.WriteKubeConfig("auditor", await _cluster.TokenAsync(Account));
    }

    private static V1PolicyRule Rule(string group, string resource, params string[] verbs) =>
        new()
        {
            ApiGroups = [group],
            Resources = [resource],
            Verbs = verbs,
        };

    private static async Task IgnoreAsync(Func<Task> make)
    {
        try
        {
            await make();
        }
        catch (HttpOperationException there) when ((int)there.Response.StatusCode is 404 or 409)
        {
            // It is there, or gone, already.
        }
    }
}
