using System.Diagnostics;
using k8s;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>The operator runs with the chart's account, not as the administrator.</summary>
public sealed class LifeCycleTests(Cluster cluster)
{
    [Fact]
    public async Task An_applied_tap_gets_its_DaemonSet_and_all_of_it_goes_with_the_tap()
    {
        await using var leader = cluster.StartOperator();
        await leader.LeadsAsync();
        var times = new List<double>();
        for (var number = 0; number < 20; number++)
        {
            await cluster.CreateTapAsync(
                $"life-{number}",
                $$$"""{"port":{{{9000 + number}}},"nodeSelector":{"no":"node"}}"""
            );
            times.Add((await cluster.DaemonSetExistsAsync($"life-{number}")).TotalMilliseconds);
        }

        times.Sort();
        TestContext.Current.SendDiagnosticMessage(
            $"apply -> DaemonSet: median {times[10]:F0} ms, worst of 20 {times[^1]:F0} ms"
        );
        Assert.InRange(times[10], 0, 1000);

        var set = (await cluster.DaemonSetAsync("life-0"))!;
        Assert.Equal(Cluster.AgentAccount, set.Spec.Template.Spec.ServiceAccountName);
        await cluster.StatusAsync(
            "life-0",
            status =>
                status.Conditions!.Single(condition => condition.Type == "Ready")
                    is { Status: "False", Reason: "NoNodes" },
            "a tap without nodes is not ready"
        );
        Assert.Contains("life-0", await cluster.ControlPlane.KubectlAsync("get", "tap"), StringComparison.Ordinal);
        await cluster.EventAsync("life-0", "NoNodes", "");

        for (var number = 0; number < 20; number++)
        {
            await cluster.DeleteTapAsync($"life-{number}");
        }

        if (cluster.ControlPlane.HasControllerManager)
        {
            await Eventually.TrueAsync(
                async () =>
                    !(await cluster.Admin.AppsV1.ListNamespacedDaemonSetAsync(Cluster.Namespace)).Items.Any(IsOwn),
                "the garbage collector removes everything"
            );
        }

        static bool IsOwn(IKubernetesObject<V1ObjectMeta> made) =>
            made.Name().StartsWith("ocx-agent-life-", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_DaemonSet_that_someone_edits_or_deletes_is_put_right()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateTapAsync("drift", """{"port":7001}""");
        await cluster.DaemonSetExistsAsync("drift");

        await cluster.ControlPlane.KubectlAsync(
            "-n",
            Cluster.Namespace,
            "set",
            "image",
            "daemonset/ocx-agent-drift",
            "agent=someone/else"
        );
        await Eventually.TrueAsync(
            async () =>
                (await cluster.DaemonSetAsync("drift"))!.Spec.Template.Spec.Containers[0].Image != "someone/else",
            "the image is put right"
        );

        var uid = (await cluster.DaemonSetAsync("drift"))!.Uid();
        await cluster.Admin.AppsV1.DeleteNamespacedDaemonSetAsync("ocx-agent-drift", Cluster.Namespace);
        await Eventually.TrueAsync(
            async () => await cluster.DaemonSetAsync("drift") is { } set && set.Uid() != uid,
            "the DaemonSet is back"
        );
    }

    [Fact]
    public async Task A_changed_spec_reaches_the_DaemonSet_and_a_field_that_someone_else_owns_is_left_alone()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateTapAsync("change", """{"port":7002}""");
        await cluster.DaemonSetExistsAsync("change");
        await cluster.ControlPlane.KubectlAsync(
            "-n",
            Cluster.Namespace,
            "annotate",
            "daemonset/ocx-agent-change",
            "team=a"
        );

        await cluster.PatchTapAsync("change", """{"spec":{"suspend":true,"port":7003}}""");
        await Eventually.TrueAsync(
            async () =>
                (await cluster.DaemonSetAsync("change"))!.Spec.Template.Spec is var pod
                && pod.NodeSelector?.ContainsKey("ocx.dev/suspended") == true
                && pod.Containers[0].Env.Single(variable => variable.Name == "OCX_PORT").Value == "7003",
            "the change reaches the DaemonSet"
        );
        Assert.Equal("a", (await cluster.DaemonSetAsync("change"))!.GetAnnotation("team"));
        await cluster.StatusAsync(
            "change",
            status => status.Conditions!.Any(condition => condition.Reason == "Suspended"),
            "the status says so"
        );

        await cluster.PatchTapAsync("change", """{"spec":{"suspend":false}}""");
        await Eventually.TrueAsync(
            async () => (await cluster.DaemonSetAsync("change"))!.Spec.Template.Spec.NodeSelector is null,
            "it resumes"
        );
    }

    [Fact]
    public async Task A_restarted_operator_writes_nothing_in_a_steady_state()
    {
        await cluster.CreateTapAsync("steady", """{"port":7004,"reportInterval":"1s","nodeSelector":{"no":"node"}}""");
        await using (var first = cluster.StartOperator())
        {
            await cluster.StatusAsync(
                "steady",
                status => status.Conditions!.Any(condition => condition.Reason == "NoNodes"),
                "the status is written"
            );
        }

        var before = await VersionsAsync();
        await using var second = cluster.StartOperator();
        await second.LeadsAsync();
        await Eventually.TrueAsync(
            async () => await second.ReconciledAsync() >= 12,
            "it has looked at the tap a dozen times"
        );
        Assert.Equal(before, await VersionsAsync());
        await cluster.DeleteTapAsync("steady");

        async Task<string> VersionsAsync() =>
            string.Join(
                ' ',
                (await cluster.TapAsync("steady")).ResourceVersion(),
                (await cluster.DaemonSetAsync("steady"))!.ResourceVersion()
            );
    }

    [Fact]
    public async Task The_second_replica_takes_over_when_the_leader_is_killed_and_at_once_when_it_is_stopped()
    {
        await using var first = cluster.StartOperator();
        await first.LeadsAsync();
        await using var second = cluster.StartOperator();
        await second.StandsByAsync();

        var watch = Stopwatch.StartNew();
        await first.Process.KillAsync();
        await second.LeadsAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"leader killed -> next one led after {watch.Elapsed.TotalSeconds:F1} s"
        );
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20);
        await cluster.CreateTapAsync("takeover", """{"port":7005}""");
        await cluster.DaemonSetExistsAsync("takeover");

        await using var third = cluster.StartOperator();
        await third.StandsByAsync();
        watch.Restart();
        await second.Process.StopAsync();
        await third.LeadsAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"leader stopped -> next one led after {watch.Elapsed.TotalSeconds:F1} s"
        );
        Assert.Equal(0, second.Process.ExitCode);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 8);
    }

    [Fact]
    public async Task Leader_and_watches_go_on_after_the_API_server_was_killed()
    {
        // A leader lives through what is shorter than its deadline of seven seconds. Where an API server took longer to
        // start, the leader ends, as it should, and shows nothing: another one has to.
        for (var tries = 1; ; tries++)
        {
            await using var leader = cluster.StartOperator();
            await leader.LeadsAsync();
            var outage = Stopwatch.StartNew();
            await cluster.ControlPlane.KillApiServerAsync();
            await cluster.StartApiServerAsync();
            if (outage.Elapsed > TimeSpan.FromSeconds(4.5) && tries < 6)
            {
                continue;
            }

            await cluster.CreateTapAsync("after-restart", """{"port":7006}""");
            await cluster.DaemonSetExistsAsync("after-restart");
            Assert.False(leader.Process.HasExited, leader.Process.Output);
            return;
        }
    }

    // A replica is held while it has no watch, so that it misses a creation and a deletion whose history etcd then
    // forgets. It stands by: a leader that is held for so long loses its lease, and ends.
    [Fact]
    public async Task A_watch_that_is_answered_with_410_Gone_lists_again_and_misses_neither_creation_nor_deletion()
    {
        await cluster.CreateTapAsync("forgotten", """{"port":7007,"nodeSelector":{"no":"node"}}""");
        await using var leader = cluster.StartOperator();
        await cluster.DaemonSetExistsAsync("forgotten");
        await using var replica = cluster.StartOperator();
        await replica.StandsByAsync();

        await cluster.ControlPlane.KillApiServerAsync();
        replica.Process.Signal("STOP");
        await cluster.StartApiServerAsync();
        await cluster.DeleteTapAsync("forgotten");
        await cluster.CreateTapAsync("missed", """{"port":7007,"nodeSelector":{"no":"node"}}""");
        await cluster.ControlPlane.KillApiServerAsync();
        await cluster.ControlPlane.CompactAsync();
        await cluster.StartApiServerAsync();
        replica.Process.Signal("CONT");

        await Eventually.TrueAsync(
            () =>
                Task.FromResult(
                    replica
                        .Process.Output.Split('\n')
                        .Any(line =>
                            line.Contains("is too old; listing again", StringComparison.Ordinal)
                            && line.Contains("V1Alpha1McpTap\"", StringComparison.Ordinal)
                        )
                ),
            "the watch of McpTaps was answered with 410"
        );

        // With the leader gone it is the replica that knows what there is and what there is not.
        await leader.Process.KillAsync();
        await replica.LeadsAsync();
        await cluster.DaemonSetExistsAsync("missed");
        await cluster.StatusAsync(
            "missed",
            status => status.Conditions!.Single(condition => condition.Type == "Degraded") is { Status: "False" },
            "the deleted tap is no port conflict"
        );
    }
}
