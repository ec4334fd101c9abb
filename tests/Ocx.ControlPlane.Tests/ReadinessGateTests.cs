using k8s;
using k8s.Models;
using Ocx.Api;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// Pods with the readiness gate ocx.dev/gated learn from the auditor whether they are gated, with the rights that the
/// chart gives it. A gate speaks of pods of its own node alone.
/// </summary>
[Collection(nameof(AuditCluster))]
public sealed class ReadinessGateTests(AuditCluster audits) : IAsyncLifetime
{
    private const string Node = "ready-a",
        OtherNode = "ready-b",
        Condition = "ocx.dev/gated",
        Auditor = "ocx-tap-auditor";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await audits.Admin.CoreV1.DeleteCollectionNamespacedPodAsync(AuditCluster.Shop, gracePeriodSeconds: 0);
        await audits.ClearAsync();
    }

    [Fact]
    public async Task A_pod_is_told_when_it_is_gated_and_stays_so_while_gates_and_auditor_restart()
    {
        await audits.Cluster.CreateNodeAsync(Node);
        await audits.Cluster.CreateNodeAsync(OtherNode);
        string enforcing = AuditCluster.Spec.Replace("PORT", "8080", StringComparison.Ordinal);
        await audits.CreateAuditAsync("rows", enforcing[..^1] + ""","mode":"Enforce"}""");
        await audits.CreateAuditAsync("seen", enforcing.Replace("rows", "seen", StringComparison.Ordinal));
        string here = await PodAsync("rows-1", Node, "rows"),
            there = await PodAsync("rows-2", OtherNode, "rows"),
            plain = await PodAsync("rows-3", Node, "rows", waits: false);
        await PodAsync("seen-1", Node, "seen");
        await PodAsync("stray-1", Node, "stray");
        await using var auditor = await AuditorProcess.StartAsync(audits.AuditorKubeConfig, "--readiness-gate");
        await SaysAsync("rows-1", "False", "NoGate");
        await SaysAsync("rows-2", "False", "NoGate");
        await SaysAsync("seen-1", "True", "NotEnforced");
        await SaysAsync("stray-1", "False", "NotSelected");

        using (AuditGate gate = await OpenAsync(auditor))
        {
            await gate.HoldAsync(here, there, plain);
            await SaysAsync("rows-1", "True", "Gated");
            Assert.Equal("False", (await FindAsync("rows-2"))!.Status);
            Assert.Null(await FindAsync("rows-3"));

            // What the kubelet wrote is there as it was.
            V1Pod pod = await audits.Admin.CoreV1.ReadNamespacedPodAsync("rows-1", AuditCluster.Shop);
            Assert.Equal("10.9.2.1", pod.Status.PodIP);
            Assert.Contains(pod.Status.Conditions, one => one is { Type: "ContainersReady", Status: "True" });
        }

        V1PodCondition before = (await FindAsync("rows-1"))!;
        await auditor.Process.StopAsync();
        await auditor.StartAgainAsync();
        await PodAsync("rows-4", Node, "rows");
        await SaysAsync("rows-4", "False", "NoGate"); // it has looked
        V1PodCondition after = (await FindAsync("rows-1"))!;
        Assert.Equal(("True", before.LastTransitionTime), (after.Status, after.LastTransitionTime));
        using AuditGate next = await OpenAsync(auditor);
        await next.HoldAsync(here);
        await SaysAsync("rows-4", "False", "NotGated");
        Assert.Equal("True", (await FindAsync("rows-1"))!.Status);

        // A pod of the same name is another one.
        await audits.Admin.CoreV1.DeleteNamespacedPodAsync("rows-1", AuditCluster.Shop, gracePeriodSeconds: 0);
        await PodAsync("rows-1", Node, "rows");
        await SaysAsync("rows-1", "False", "NotGated");
        Assert.DoesNotContain("is not written", auditor.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Auditor, "patch", "/pods/status", true)]
    [InlineData(Auditor, "update", "/pods/status", false)]
    [InlineData(Auditor, "patch", "/pods", false)]
    [InlineData(Auditor, "get", "/pods", false)]
    [InlineData(Auditor, "delete", "/pods", false)]
    [InlineData("ocx-tap-gate", "patch", "/pods/status", false)]
    [InlineData("ocx-tap-operator", "patch", "/pods/status", false)]
    public async Task An_account_may_do_this_and_may_not_do_that(string account, string verb, string what, bool may) =>
        Assert.Equal(may, await audits.Cluster.MayAsync(account, verb, what, AuditCluster.Shop));

    private async Task<AuditGate> OpenAsync(AuditorProcess auditor) =>
        await AuditGate.OpenInTimeAsync(
            auditor,
            await audits.Cluster.PodTokenAsync(AuditScene.GateAccount, Node, OcxApi.AuditorAudience),
            Node
        );

    // A pod that runs, as its kubelet would report it.
    private async Task<string> PodAsync(string name, string node, string app, bool waits = true)
    {
        var pod = await audits.Admin.CoreV1.CreateNamespacedPodAsync(
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
                    ReadinessGates = waits ? [new V1PodReadinessGate { ConditionType = Condition }] : null,
                    Containers = [new V1Container { Name = "server", Image = "server" }],
                },
            },
            AuditCluster.Shop
        );
        await audits.Admin.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch(
                """
                {"status":{"phase":"Running","podIP":"10.9.2.1","podIPs":[{"ip":"10.9.2.1"}],
                 "conditions":[{"type":"ContainersReady","status":"True"}]}}
                """,
                V1Patch.PatchType.StrategicMergePatch
            ),
            name,
            AuditCluster.Shop
        );
        return pod.Uid();
    }

    private async Task<V1PodCondition?> FindAsync(string pod) =>
        (await audits.Admin.CoreV1.ReadNamespacedPodAsync(pod, AuditCluster.Shop)).Status.Conditions?.FirstOrDefault(
            one => one.Type == Condition
        );

    private Task<TimeSpan> SaysAsync(string pod, string status, string reason) =>
        Eventually.TrueAsync(
            async () => await FindAsync(pod) is { } one && one.Status == status && one.Reason == reason,
            $"{pod} is {status}: {reason}"
        );
}
