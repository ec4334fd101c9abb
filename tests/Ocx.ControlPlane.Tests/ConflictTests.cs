using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Kube;

namespace Ocx.ControlPlane.Tests;

/// <summary>Two that want the same: a field, an object's name, a port, a pod.</summary>
public sealed class ConflictTests(Cluster cluster)
{
    [Fact]
    public async Task Another_manager_is_told_409_and_one_that_forces_its_way_is_overruled()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateTapAsync("owned", """{"port":7401,"nodeSelector":{"no":"node"}}""");
        await cluster.DaemonSetExistsAsync("owned");
        var file = cluster.ControlPlane.WriteFile(
            "owned.json",
            $$"""
            {"apiVersion":"apps/v1","kind":"DaemonSet",
             "metadata":{"name":"ocx-agent-owned","namespace":"{{Cluster.Namespace}}"},
             "spec":{"template":{"spec":{"containers":[{"name":"agent","image":"someone/else"}]} } } }
            """
        );

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            cluster.ControlPlane.KubectlAsync(
                "apply",
                "--server-side",
                "--validate=false",
                "--field-manager=someone",
                "-f",
                file
            )
        );
        Assert.Contains("conflict with \"ocx-operator\"", refused.Message, StringComparison.Ordinal);

        await cluster.ControlPlane.KubectlAsync(
            "apply",
            "--server-side",
            "--validate=false",
            "--field-manager=someone",
            "--force-conflicts",
            "-f",
            file
        );
        await Eventually.TrueAsync(
            async () =>
                (await cluster.DaemonSetAsync("owned"))!.Spec.Template.Spec.Containers[0].Image != "someone/else",
            "the image is put right"
        );
    }

    [Fact]
    public async Task A_report_that_another_one_has_taken_the_name_of_is_not_deleted()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-twice");
        await cluster.CreateTapAsync("twice", """{"port":7402,"reportInterval":"2s"}""");
        await using var agent = await cluster.StartReporterAsync("twice", "node-twice");
        await cluster.StatusAsync(
            "twice",
            status => status.Nodes?.Any(node => node.Node == "node-twice") == true,
            "the report is there"
        );

        // The API server answers 409 when the uid is another's.
        using var kubernetes = new Kubernetes(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.OperatorKubeConfig)
        );
        var reports = new ResourceClient<V1Alpha1McpTapReport>(kubernetes, "ocx-operator", Cluster.Namespace);
        await reports.DeleteAsync("twice.node-twice", Guid.NewGuid().ToString(), TestContext.Current.CancellationToken);
        Assert.Contains(
            "twice.node-twice",
            await cluster.ControlPlane.KubectlAsync("-n", Cluster.Namespace, "get", "mcptapreports"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Two_taps_on_one_port_tell_each_other_until_one_of_them_moves()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateTapAsync("left", """{"port":7403,"nodeSelector":{"no":"node"}}""");
        await cluster.CreateTapAsync(
            "right",
            """{"interface":"any","port":7404,"additionalPorts":[7403],"nodeSelector":{"no":"node"}}"""
        );
        await cluster.StatusAsync(
            "left",
            status => Conflict(status)?.Contains("right", StringComparison.Ordinal) == true,
            "left tells of right"
        );
        await cluster.StatusAsync(
            "right",
            status => Conflict(status)?.Contains("left", StringComparison.Ordinal) == true,
            "right tells of left"
        );
        await cluster.EventAsync("left", "PortConflict", "right");

        await cluster.PatchTapAsync("right", """{"spec":{"additionalPorts":[7405]}}""");
        await cluster.StatusAsync("left", status => Conflict(status) is null, "left has the port alone");
        await cluster.StatusAsync("right", status => Conflict(status) is null, "right has moved");
        await cluster.DeleteTapAsync("left");
        await cluster.DeleteTapAsync("right");

        static string? Conflict(V1Alpha1McpTapStatus status) =>
            status
                .Conditions!.FirstOrDefault(condition =>
                    condition is { Type: "Degraded", Status: "True", Reason: "PortConflict" }
                )
                ?.Message;
    }

    [Fact]
    public async Task A_rollout_that_waits_for_someone_is_told_as_paused()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-paused", pool: "paused");
        await cluster.CreateTapAsync(
            "paused",
            """{"port":7406,"nodeSelector":{"pool":"paused"},"updateStrategy":{"type":"OnDelete"}}"""
        );
        await cluster.DaemonSetExistsAsync("paused");
        await ObservedAsync(updated: 1);
        await cluster.StatusAsync(
            "paused",
            status => status is { DesiredNodes: 1, ReadyNodes: 0 },
            "one agent is wanted"
        );

        await cluster.PatchTapAsync("paused", """{"spec":{"port":7407}}""");
        await Eventually.TrueAsync(
            async () => (await cluster.DaemonSetAsync("paused"))!.Metadata.Generation > 1,
            "the change reaches the DaemonSet"
        );
        await ObservedAsync(updated: 0);
        await cluster.StatusAsync(
            "paused",
            status =>
                status.Conditions!.Single(condition => condition.Type == "Progressing")
                    is { Status: "False", Reason: "RolloutPaused" } paused
                && paused.Message.StartsWith("0 of 1 agents", StringComparison.Ordinal),
            "the pause is told"
        );
        await cluster.DeleteTapAsync("paused");

        // The controller-manager's part, where there is none.
        async Task ObservedAsync(int updated)
        {
            if (cluster.ControlPlane.HasControllerManager)
            {
                return;
            }

            var generation = (await cluster.DaemonSetAsync("paused"))!.Metadata.Generation;
            var status = new JsonObject
            {
                ["currentNumberScheduled"] = 1,
                ["desiredNumberScheduled"] = 1,
                ["numberMisscheduled"] = 0,
                ["numberReady"] = 0,
                ["updatedNumberScheduled"] = updated,
                ["observedGeneration"] = generation,
            };
            await cluster.Admin.AppsV1.PatchNamespacedDaemonSetStatusAsync(
                new V1Patch(new JsonObject { ["status"] = status }.ToJsonString(), V1Patch.PatchType.MergePatch),
                "ocx-agent-paused",
                Cluster.Namespace
            );
        }
    }
}
