using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;

namespace Ocx.ControlPlane.Tests;

/// <summary>What an earlier version left, and what docs/operations.md says to do about it.</summary>
public sealed class UpgradeTests(Cluster cluster)
{
    private const string Tap = "upgraded";
    private const string EarlierAccount = "ocx-agent-" + Tap;

    [Fact]
    public async Task Agents_move_to_the_charts_account_and_the_documented_command_deletes_earlier_accounts()
    {
        await cluster.CreateNodeAsync("node-upgraded");
        try
        {
            var tap = await cluster.CreateTapAsync(Tap, """{"port":7501,"reportInterval":"2s"}""");
            await LeaveWhatAnEarlierVersionMadeAsync(tap);
            await using var leader = cluster.StartOperator();
            await Eventually.TrueAsync(
                async () =>
                    (await cluster.DaemonSetAsync(Tap))!.Spec.Template.Spec
                        is { ServiceAccountName: Cluster.AgentAccount, ServiceAccount: Cluster.AgentAccount },
                "the DaemonSet has the chart's account"
            );

            await cluster.ControlPlane.KubectlAsync(await DocumentedCommandAsync("delete serviceaccounts,"));
            Assert.DoesNotContain(
                (await cluster.Admin.CoreV1.ListNamespacedServiceAccountAsync(Cluster.Namespace)).Items,
                account => account.Name() == EarlierAccount
            );
            Assert.DoesNotContain(
                (await cluster.Admin.RbacAuthorizationV1.ListNamespacedRoleAsync(Cluster.Namespace)).Items,
                role => role.Name() == EarlierAccount
            );
            Assert.DoesNotContain(
                (await cluster.Admin.RbacAuthorizationV1.ListNamespacedRoleBindingAsync(Cluster.Namespace)).Items,
                binding => binding.Name() == EarlierAccount
            );

            await using var agent = await cluster.StartReporterAsync(Tap, "node-upgraded");
            agent.Captured(5);
            await cluster.StatusAsync(
                Tap,
                status => status.Packets.Captured == 5,
                "agents report with the chart's account"
            );
        }
        finally
        {
            await cluster.DeleteTapAsync(Tap);
            await cluster.Admin.CoreV1.DeleteNodeAsync("node-upgraded");
        }
    }

    [Fact]
    public async Task The_documented_command_upgrades_definitions_that_helm_installed()
    {
        const string Description = "/spec/versions/0/schema/openAPIV3Schema/description";
        string[] read =
        [
            "get",
            "crd",
            "mcptaps.ocx.dev",
            "-o",
            "jsonpath={.spec.versions[0].schema.openAPIV3Schema.description}",
        ];
        string today = await cluster.ControlPlane.KubectlAsync(read);
        try
        {
            await cluster.ControlPlane.KubectlAsync(
                "patch",
                "crd",
                "mcptaps.ocx.dev",
                "--field-manager=helm",
                "--type=json",
                "-p",
                $$"""[{"op":"replace","path":"{{Description}}","value":"Of an earlier version."}]"""
            );

            await cluster.ControlPlane.KubectlAsync(await DocumentedCommandAsync("apply --server-side"));
            Assert.Equal(today, await cluster.ControlPlane.KubectlAsync(read));
        }
        finally
        {
            await cluster.ControlPlane.KubectlAsync(
                "apply",
                "--server-side",
                "--force-conflicts",
                "-f",
                Path.Combine(Checkout.Root, "deploy/crds")
            );
        }
    }

    private static async Task<string[]> DocumentedCommandAsync(string about)
    {
        var lines = await File.ReadAllLinesAsync(
            Path.Combine(Checkout.Root, "docs/operations.md"),
            TestContext.Current.CancellationToken
        );
        var command = lines.Single(line =>
            line.TrimStart().StartsWith("kubectl", StringComparison.Ordinal)
            && line.Contains(about, StringComparison.Ordinal)
        );
        // The page's reader types it at the checkout's top.
        return
        [
            .. command
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
                .Select(word => word.StartsWith("deploy/", StringComparison.Ordinal) ? Checkout.PathOf(word) : word),
        ];
    }

    // As that version's operator wrote them: the same labels, owner and field manager.
    private async Task LeaveWhatAnEarlierVersionMadeAsync(V1Alpha1McpTap tap)
    {
        var metadata = AgentNames.Metadata(tap, Cluster.Namespace);
        await cluster.Admin.CoreV1.CreateNamespacedServiceAccountAsync(
            new V1ServiceAccount { Metadata = metadata },
            Cluster.Namespace
        );
        await cluster.Admin.RbacAuthorizationV1.CreateNamespacedRoleAsync(
            new V1Role
            {
                Metadata = metadata,
                Rules =
                [
                    new V1PolicyRule
                    {
                        ApiGroups = [OcxApi.Group],
                        Resources = ["mcptapreports"],
                        Verbs = ["get", "create", "patch"],
                    },
                ],
            },
            Cluster.Namespace
        );
        await cluster.Admin.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(
            new V1RoleBinding
            {
                Metadata = metadata,
                RoleRef = new V1RoleRef
                {
                    ApiGroup = "rbac.authorization.k8s.io",
                    Kind = "Role",
                    Name = EarlierAccount,
                },
                Subjects =
                [
                    new Rbacv1Subject
                    {
                        Kind = "ServiceAccount",
                        Name = EarlierAccount,
                        NamespaceProperty = Cluster.Namespace,
                    },
                ],
            },
            Cluster.Namespace
        );
        var options = new OperatorOptions { Namespace = Cluster.Namespace, AgentServiceAccount = EarlierAccount };
        using var kubernetes = new Kubernetes(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.OperatorKubeConfig)
        );
        await new ResourceClient<V1DaemonSet>(kubernetes, "ocx-operator", Cluster.Namespace).ApplyAsync(
            Drift.Stamp(AgentDaemonSet.Create(tap, options, 9910)),
            TestContext.Current.CancellationToken
        );
    }
}
