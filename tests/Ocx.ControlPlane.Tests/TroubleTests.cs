using k8s;
using k8s.Models;
using Ocx.Api;

namespace Ocx.ControlPlane.Tests;

/// <summary>Agents that do not run: what the controller-manager and a kubelet say of it reaches the tap.</summary>
public sealed class TroubleTests(Cluster cluster)
{
    [Fact]
    public async Task Pods_that_the_cluster_refuses_are_told_in_the_STATUS_column_by_ocx_status_and_by_ocx_check()
    {
        Assert.SkipUnless(
            cluster.ControlPlane.HasControllerManager,
            "without a controller-manager nobody makes pods, and nobody is refused any"
        );
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-refused", pool: "refused");
        await cluster.CreateTapAsync(
            "refused",
            """{"port":7961,"nodeSelector":{"pool":"refused"},"priorityClassName":"no-such-class"}"""
        );

        await ReadyIsAsync("refused", "FailedCreate", "no PriorityClass with name no-such-class");

        Assert.Contains(
            "FailedCreate",
            await cluster.ControlPlane.KubectlAsync("get", "mcptap", "refused"),
            StringComparison.Ordinal
        );
        Assert.Matches(
            "(?m)^refused .* FailedCreate *$",
            (await OcxCommand.RunAsync(cluster.ControlPlane.KubeConfig, "status")).Output
        );
        Assert.Matches(
            "(?m)^fail +McpTap refused is not ready: FailedCreate: .*mend the quota, policy or priority class",
            (await OcxCommand.RunAsync(cluster.ControlPlane.KubeConfig, "check", "--cluster")).Output
        );
        await cluster.EventAsync("refused", "FailedCreate", "no-such-class");

        await cluster.PatchTapAsync("refused", """{"spec":{"priorityClassName":null}}""");
        await cluster.StatusAsync(
            "refused",
            status => status.Conditions!.Single(each => each.Type == "Degraded").Status == "False",
            "it is over when a pod is made"
        );
    }

    [Fact]
    public async Task What_a_kubelet_says_of_a_container_that_waits_reaches_the_conditions_and_does_not_flicker()
    {
        Assert.SkipUnless(
            cluster.ControlPlane.HasControllerManager,
            "without a controller-manager nobody makes the pods whose status this is"
        );
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-pulling", pool: "pulling");
        await cluster.CreateTapAsync("pulling", """{"port":7962,"nodeSelector":{"pool":"pulling"}}""");
        var pod = await PodAsync("pulling");

        await WaitsAsync(pod, "ErrImagePull");
        await ReadyIsAsync("pulling", "ImagePullBackOff", "the image example.com/none:1 cannot be pulled");
        var before = (await cluster.TapAsync("pulling")).Status!.Conditions!.Select(each => each.Message).ToList();

        await WaitsAsync(pod, "ImagePullBackOff");
        var looks = await leader.ReconciledAsync();
        await Eventually.TrueAsync(async () => await leader.ReconciledAsync() > looks, "the operator looks again");
        var after = (await cluster.TapAsync("pulling")).Status!.Conditions!.Select(each => each.Message);
        Assert.Equal(before, after);
        Assert.Single(await cluster.EventsAsync("pulling"), news => news.Reason == "ImagePullBackOff");
    }

    private Task<TimeSpan> ReadyIsAsync(string tap, string reason, string text) =>
        cluster.StatusAsync(
            tap,
            status => Is(status, "Ready", "False", reason, text) && Is(status, "Degraded", "True", reason, text),
            $"Ready and Degraded of {tap} say {reason}: {text}"
        );

    private static bool Is(V1Alpha1McpTapStatus status, string type, string value, string reason, string text) =>
        status.Conditions?.FirstOrDefault(each => each.Type == type) is { } condition
        && (condition.Status, condition.Reason) == (value, reason)
        && condition.Message.Contains(text, StringComparison.Ordinal);

    private async Task<string> PodAsync(string tap)
    {
        string? name = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var pods = await cluster.Admin.CoreV1.ListNamespacedPodAsync(
                    Cluster.Namespace,
                    labelSelector: $"{OcxApi.TapLabel}={tap}"
                );
                name = pods.Items.FirstOrDefault()?.Name();
                return name is not null;
            },
            $"the agent's pod of {tap} is made"
        );
        return name!;
    }

    // The kubelet's part.
    private Task<V1Pod> WaitsAsync(string pod, string reason) =>
        cluster.Admin.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch(
                $$"""
                {"status":{"containerStatuses":[{"name":"agent","image":"example.com/none:1","imageID":"","ready":false,
                 "restartCount":0,"state":{"waiting":{"reason":"{{reason}}","message":"it differs: {{reason}}"} } }] } }
                """,
                V1Patch.PatchType.MergePatch
            ),
            pod,
            Cluster.Namespace
        );
}
