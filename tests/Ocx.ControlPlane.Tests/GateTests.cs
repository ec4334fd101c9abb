using k8s;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>The gates' DaemonSet, from the first audit in mode Enforce to the last one's end.</summary>
[Collection(nameof(AuditCluster))]
public sealed class GateTests(AuditCluster audits) : IAsyncLifetime
{
    private const string Gate = "ocx-tap-gate";
    private const string Hook = "ocx-tap-gates-end";

    private static readonly (bool, string) s_well = (true, "All is well.");

    private static readonly string s_enforcing =
        AuditCluster.Spec.Replace("PORT", "8110", StringComparison.Ordinal)[..^1] + ""","mode":"Enforce"}""";

    private static readonly (string, string) s_settings = (
        "OCX_GATE",
        """{"image":"ocx-gate:test","resources":{"limits":{"memory":"0.25Gi"}}}"""
    );

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await audits.ClearAsync();

    [Fact]
    public async Task Gates_are_rolled_out_while_an_audit_enforces_and_go_when_no_rule_of_theirs_is_left()
    {
        await audits.SetAuditorsAsync(wanted: 1, ready: 1);
        await using var leader = audits.StartOperator(s_settings);
        await audits.CreateAuditAsync("observes", 8110);
        await audits.CreateAuditAsync("enforces", s_enforcing);
        await audits.SayAsync("enforces", s_well, s_well);
        await audits.ReadyAsync("enforces", "GateNotReady", "get pods --output wide --selector");
        await ArgumentsAsync("--cluster");
        var set = (await FindAsync())!;
        var pod = set.Spec.Template.Spec;
        Assert.Equal((Gate, true, true), (pod.ServiceAccountName, pod.HostNetwork, pod.HostPID));
        Assert.Equal(
            $"https://{await audits.AddressAsync()}:9443",
            pod.Containers[0].Env.Single(variable => variable.Name == "OCX_AUDITOR").Value
        );

        await SetStatusAsync(wanted: 2, ready: 1);
        await audits.ReadyAsync("enforces", "GateNotReady", "ready on 1 of 2 nodes");
        await SetStatusAsync(wanted: 2, ready: 2);
        await audits.ReadyAsync("enforces", "Auditing", "Gates on 2 nodes");

        // In a steady state nothing is written, whatever the API server makes of a quantity.
        var version = (await FindAsync())!.Metadata.Generation;
        await Task.Delay(TimeSpan.FromSeconds(12), TestContext.Current.CancellationToken);
        Assert.Equal(version, (await FindAsync())!.Metadata.Generation);

        await audits.DeleteAuditAsync("enforces");
        await ArgumentsAsync("--remove");
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.NotNull(await FindAsync());
        await SetStatusAsync(wanted: 2, ready: 2);
        await Eventually.TrueAsync(async () => await FindAsync() is null, "the gates are gone");
        await Eventually.TrueAsync(
            () => Task.FromResult(leader.Process.Output.Contains("The gates are gone", StringComparison.Ordinal)),
            "the operator says so"
        );
    }

    [Fact]
    public async Task An_audit_that_enforces_says_which_command_brings_gates_where_there_are_none()
    {
        await audits.SetAuditorsAsync(wanted: 1, ready: 1);
        await using var leader = audits.StartOperator();
        await audits.CreateAuditAsync("enforces", s_enforcing);
        await audits.SayAsync("enforces", s_well, s_well);
        await audits.ReadyAsync("enforces", "GateOff", "--reuse-values --set audit.gate.enabled=true");
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task Without_the_right_to_delete_gates_the_operator_says_so_and_does_it_when_it_has_it()
    {
        const string Binding = "ocx-tap-operator-gate";
        var rights = audits.Admin.RbacAuthorizationV1;
        var binding = await rights.ReadNamespacedRoleBindingAsync(Binding, Cluster.Namespace);
        await using var leader = audits.StartOperator(s_settings);
        await audits.CreateAuditAsync("enforces", s_enforcing);
        await ArgumentsAsync("--cluster");
        await rights.DeleteNamespacedRoleBindingAsync(Binding, Cluster.Namespace);
        try
        {
            await audits.DeleteAuditAsync("enforces");
            await ArgumentsAsync("--remove");
            await SetStatusAsync(wanted: 1, ready: 1);
            await Eventually.TrueAsync(
                () =>
                    Task.FromResult(
                        leader.Process.Output.Contains("DaemonSet cannot be kept", StringComparison.Ordinal)
                            && leader.Process.Output.Contains("cannot delete resource", StringComparison.Ordinal)
                    ),
                "the operator says what it may not do"
            );
            Assert.NotNull(await FindAsync());
        }
        finally
        {
            binding.Metadata = new V1ObjectMeta { Name = Binding, Labels = binding.Metadata.Labels };
            await rights.CreateNamespacedRoleBindingAsync(binding, Cluster.Namespace);
        }

        await Eventually.TrueAsync(async () => await FindAsync() is null, "the gates are gone");
    }

    [Fact]
    public async Task The_charts_hook_stops_the_operator_and_takes_gates_away_with_its_own_account()
    {
        await using var leader = audits.StartOperator(s_settings);
        await audits.CreateAuditAsync("enforces", s_enforcing);
        await ArgumentsAsync("--cluster");
        await leader.Process.StopAsync();
        string objects = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            objects,
            await audits.Cluster.ControlPlane.HelmAsync(
                "template",
                "ocx",
                Path.Combine(Checkout.Root, "deploy/helm/ocx-tap"),
                "--namespace",
                Cluster.Namespace,
                "--set",
                "audit.enabled=true,audit.gate.enabled=true",
                "--show-only",
                "templates/gates-end.yaml"
            ),
            TestContext.Current.CancellationToken
        );
        try
        {
            await audits.Cluster.ControlPlane.KubectlAsync("apply", "-f", objects);
            var config = audits.Cluster.ControlPlane.WriteKubeConfig("hook", await audits.Cluster.TokenAsync(Hook));
            await using var hook = new ServerProcess(
                "dotnet",
                [Path.Combine(AppContext.BaseDirectory, "ocx-operator.dll"), "--end-gates"],
                new Dictionary<string, string> { ["KUBECONFIG"] = config, ["OCX_NAMESPACE"] = Cluster.Namespace }
            );
            await ArgumentsAsync("--remove");
            Assert.Equal(
                0,
                (await audits.Admin.AppsV1.ReadNamespacedDeploymentAsync("ocx-tap-operator", Cluster.Namespace))
                    .Spec
                    .Replicas
            );
            Assert.False(hook.HasExited, hook.Output);
            await SetStatusAsync(wanted: 2, ready: 2);
            await Eventually.TrueAsync(() => Task.FromResult(hook.HasExited), "the hook ends");
            Assert.Equal(0, hook.ExitCode);
            Assert.Null(await FindAsync());
        }
        finally
        {
            await audits.Cluster.ControlPlane.KubectlAsync("delete", "-f", objects, "--ignore-not-found");
            File.Delete(objects);
            await audits.Admin.AppsV1.PatchNamespacedDeploymentScaleAsync(
                new V1Patch("""{"spec":{"replicas":2}}""", V1Patch.PatchType.MergePatch),
                "ocx-tap-operator",
                Cluster.Namespace
            );
        }
    }

    [Theory]
    [InlineData("ocx-tap-operator", "delete", "apps/daemonsets//ocx-tap-gate", true)]
    [InlineData("ocx-tap-operator", "delete", "apps/daemonsets//ocx-agent-mcp", false)]
    [InlineData("ocx-tap-operator", "patch", "apps/deployments//ocx-tap-operator", false)]
    [InlineData(Gate, "list", "/pods", false)]
    [InlineData(Gate, "get", "/nodes", false)]
    [InlineData(Gate, "list", "ocx.dev/mcpaudits", false)]
    [InlineData(Gate, "get", "/secrets", false)]
    public async Task An_account_may_do_this_and_may_not_do_that(string account, string verb, string what, bool may) =>
        Assert.Equal(may, await audits.Cluster.MayAsync(account, verb, what));

    private async Task<V1DaemonSet?> FindAsync() =>
        (await audits.Admin.AppsV1.ListNamespacedDaemonSetAsync(Cluster.Namespace)).Items.FirstOrDefault(set =>
            set.Name() == Gate
        );

    private Task<TimeSpan> ArgumentsAsync(string argument) =>
        Eventually.TrueAsync(
            async () => (await FindAsync())?.Spec.Template.Spec.Containers[0].Args.Contains(argument) == true,
            $"gates run with {argument}"
        );

    // What the controller-manager would write.
    private async Task SetStatusAsync(int wanted, int ready)
    {
        var generation = (await FindAsync())!.Metadata.Generation;
        await audits.Admin.AppsV1.PatchNamespacedDaemonSetStatusAsync(
            new V1Patch(
                $$$"""
                {"status":{"observedGeneration":{{{generation}}},"desiredNumberScheduled":{{{wanted}}},
                 "currentNumberScheduled":{{{wanted}}},"updatedNumberScheduled":{{{wanted}}},"numberReady":{{{ready}}},
                 "numberMisscheduled":0}}
                """,
                V1Patch.PatchType.MergePatch
            ),
            Gate,
            Cluster.Namespace
        );
    }
}
