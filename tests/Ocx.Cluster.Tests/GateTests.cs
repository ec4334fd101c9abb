using System.Diagnostics;
using k8s.Models;

namespace Ocx.Cluster.Tests;

/// <summary>
/// Gates in a cluster hold calls to real pods. A refused call is an error at the client, and never reaches the server,
/// whatever is restarted meanwhile; what has gone leaves no rule behind.
/// </summary>
[Collection(nameof(Alone))]
public sealed class GateTests(Release release)
{
    private static readonly string[] s_refused = GatedWorkloads.Refused;

    private readonly GatedWorkloads _gated = new(release);

    [Fact]
    public async Task Calls_are_held_and_refused_while_pods_and_gates_come_and_go_and_an_audits_end_leaves_no_rule()
    {
        Assert.SkipUnless(release.IsLocal, "rules in pods of another machine are not to be seen from here");
        int port = Release.FreePort();
        await using var auditor = await Auditor.InstallAsync(
            release,
            "audit.gate.enabled=true",
            "audit.gate.readinessGate=true"
        );
        await using var server = await release.StartServerAsync(port, journal: GatedWorkloads.Journal);
        await _gated.LabelAsync(server.Pod);
        await _gated.AuditAsync(port);
        await _gated.EnforcesAsync();
        await _gated.GatedAsync(server.Pod, port);

        // Both classes of calls, and both verdicts.
        string[] said = await release.CallAsync(
            server.Url,
            ["echo", """{"text":"hello"}""", .. s_refused, .. GatedWorkloads.Harmless, "add", """{"a":1,"b":2}"""]
        );
        Assert.Equal(
            ["echo: hello", "delete_orders: no orders of nobody are left", "add: 3"],
            said.Where(line => !GatedWorkloads.IsRefusal(line))
        );
        Assert.True(GatedWorkloads.IsRefusal(said[1]), said[1]);
        Assert.Equal(
            "echo hello|delete_orders nobody|add 1 2",
            string.Join('|', await _gated.JournalAsync(server.Pod))
        );

        // One that comes later, and is not ready before it is gated: it gets no call before.
        var watch = Stopwatch.StartNew();
        await using var second = await release.StartServerAsync(
            port,
            journal: GatedWorkloads.Journal,
            change: GatedWorkloads.WaitsForGate
        );
        TestContext.Current.SendDiagnosticMessage(
            $"ready and gated {watch.Elapsed.TotalSeconds:0.0} s after its start"
        );
        Assert.NotEmpty(await _gated.RulesAsync(second.Pod));
        Assert.All(
            await release.CallAsync(second.Url, s_refused),
            line => Assert.True(GatedWorkloads.IsRefusal(line), line)
        );
        await RestartedAsync(server, port);

        // Without a gate calls wait: none passes while gates are rolled out, and no pod leaves its Service for that.
        DateTime? ready = (await _gated.ConditionAsync(second.Pod, "Ready"))!.LastTransitionTime;
        Task<string[]> calling = release.CallAsync(
            second.Url,
            [.. Enumerable.Repeat(s_refused, 60).SelectMany(call => call)]
        );
        await release.KubectlAsync("-n", Release.Namespace, "rollout", "restart", "daemonset", "ocx-tap-gate");
        await release.KubectlAsync("-n", Release.Namespace, "rollout", "status", "daemonset", "ocx-tap-gate");
        string[] refusals = await calling;
        Assert.Equal(60, refusals.Length);
        Assert.All(refusals, line => Assert.True(GatedWorkloads.IsRefusal(line), line));
        Assert.Empty(await _gated.JournalAsync(second.Pod));
        V1PodCondition after = (await _gated.ConditionAsync(second.Pod, "Ready"))!;
        Assert.Equal(("True", ready), (after.Status, after.LastTransitionTime));

        await DrainedAsync(server);

        // The last audit's end.
        await release.KubectlAsync("-n", Release.Workloads, "delete", "mcpaudit", "gated");
        await _gated.NoRulesAsync(second.Pod);
        await Eventually.TrueAsync(
            async () =>
                (await release.KubectlAsync("-n", Release.Namespace, "get", "daemonsets", "-o", "name")).Length == 0,
            "the gates are gone",
            () => release.KubectlAsync("-n", Release.Namespace, "get", "pods")
        );
        Assert.Equal(["delete_orders: no orders of all are left"], await release.CallAsync(second.Url, s_refused));
    }

    [Fact]
    public async Task A_release_that_goes_leaves_no_rule_in_any_pod_nor_on_the_node()
    {
        Assert.SkipUnless(release.IsLocal, "rules in pods of another machine are not to be seen from here");
        int port = Release.FreePort();
        await using var auditor = await Auditor.InstallAsync(release, "audit.gate.enabled=true");
        await using var server = await release.StartServerAsync(port, journal: GatedWorkloads.Journal);
        await using var host = await release.StartServerAsync(
            port,
            hostNetwork: true,
            journal: GatedWorkloads.Journal,
            change: pod => pod.Spec.Containers[0].Ports = [new V1ContainerPort { ContainerPort = port }]
        );
        foreach (string pod in new[] { server.Pod, host.Pod })
        {
            await _gated.LabelAsync(pod);
        }

        await _gated.AuditAsync(port);
        await _gated.EnforcesAsync();
        await _gated.GatedAsync(server.Pod, port);
        await _gated.GatedAsync(host.Pod, port);

        // On the node's own network the server's port is gated, and no other.
        string[] ports =
        [
            .. (await _gated.RulesAsync(host.Pod)).Where(rule => rule.Contains("NFQUEUE", StringComparison.Ordinal)),
        ];
        Assert.All(ports, rule => Assert.Matches($"--[ds]port {port} ", rule));
        Assert.NotEmpty(ports);
        string[] said = await release.CallAsync(host.Url, [.. s_refused, .. GatedWorkloads.Harmless]);
        Assert.True(GatedWorkloads.IsRefusal(said[0]), said[0]);
        Assert.Equal(["delete_orders nobody"], await _gated.JournalAsync(host.Pod));

        // The audit stays, and says what is to be held: there is nobody to do it.
        await release.HelmAsync("uninstall", "ocx-tap", "--wait");
        foreach (Server one in new[] { server, host })
        {
            Assert.Empty(await _gated.RulesAsync(one.Pod));
            Assert.Equal(["delete_orders: no orders of all are left"], await release.CallAsync(one.Url, s_refused));
        }
    }

    // A container that ends and is started again has its pod's network namespace, and the rules in it.
    private async Task RestartedAsync(Server server, int port)
    {
        int first = await _gated.ProcessAsync(server.Pod);
        string network = NetworkOf(first);
        await Command.RunAsync("kill", ["-KILL", $"{first}"]);
        await Eventually.TrueAsync(
            async () =>
                (await release.WorkloadAsync(server.Pod)).Status.ContainerStatuses[0]
                    is { RestartCount: 1, Ready: true },
            $"{server.Pod} runs again"
        );
        int again = await _gated.ProcessAsync(server.Pod);
        Assert.NotEqual(first, again);
        Assert.Equal(network, NetworkOf(again));
        Assert.Contains(
            await _gated.RulesAsync(server.Pod),
            rule => rule.Contains($"--dport {port} ", StringComparison.Ordinal)
        );
        string[] said = await release.CallAsync(server.Url, [.. s_refused, .. GatedWorkloads.Harmless]);
        Assert.True(GatedWorkloads.IsRefusal(said[0]), said[0]);
        Assert.Equal(["delete_orders nobody"], await _gated.JournalAsync(server.Pod));
    }

    // A node that is drained ends a pod while calls to it are refused: none slips through, and no client hangs.
    private async Task DrainedAsync(Server server)
    {
        using StreamReader journal = await _gated.OpenJournalAsync(server.Pod);
        string node = (await release.WorkloadAsync(server.Pod)).Spec.NodeName;
        string caller = await release.StartCallsAsync(
            server.Url,
            [.. Enumerable.Repeat(s_refused, 3000).SelectMany(call => call)]
        );
        await Eventually.TrueAsync(
            async () => (await release.LogAsync(caller)).Contains("-32090", StringComparison.Ordinal),
            "calls are refused"
        );
        try
        {
            await release.KubectlAsync(
                "drain",
                node,
                "--ignore-daemonsets",
                "--force",
                $"--pod-selector=app={server.Pod}",
                "--timeout=120s"
            );
        }
        finally
        {
            await release.KubectlAsync("uncordon", node);
        }

        string[] said = await release.CalledAsync(caller);
        Assert.True(GatedWorkloads.IsRefusal(said[0]), said[0]);
        Assert.InRange(said.Count(GatedWorkloads.IsRefusal), 1, 2999);
        Assert.DoesNotContain(said, line => line.Contains("orders of all are left", StringComparison.Ordinal));
        Assert.Equal("delete_orders nobody\n", await journal.ReadToEndAsync());
    }

    private static string NetworkOf(int process) => new FileInfo($"/proc/{process}/ns/net").LinkTarget!;
}
