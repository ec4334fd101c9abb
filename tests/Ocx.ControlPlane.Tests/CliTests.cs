using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>The command ocx, as it is installed, against a real API server.</summary>
public sealed class CliTests(Cluster cluster)
{
    [Fact]
    public async Task Status_shows_taps_and_their_nodes_and_says_what_was_lost()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("cli-a", pool: "cli");
        await cluster.CreateTapAsync("cli", """{"port":7201,"reportInterval":"2s","nodeSelector":{"pool":"cli"}}""");
        await using var agent = await cluster.StartReporterAsync("cli", "cli-a");
        agent.Captured(42, dropped: 7);
        // Only a controller-manager counts the nodes that a DaemonSet selects.
        var nodes = cluster.ControlPlane.HasControllerManager ? 1 : 0;
        await cluster.StatusAsync(
            "cli",
            status =>
                status.Packets is { Captured: 42, Dropped: 7 }
                && status.Conditions is { Count: > 0 }
                && status.DesiredNodes == nodes,
            "the counts are in the status"
        );

        var table = await OcxCommand.RunAsync(cluster.ControlPlane.KubeConfig, "status");
        var json = await OcxCommand.RunAsync(cluster.ControlPlane.KubeConfig, "status", "-o", "json");

        Assert.Equal((0, ""), (table.ExitCode, table.Errors));
        Assert.Equal((0, ""), (json.ExitCode, json.Errors));
        Assert.Matches($@"(?m)^cli +eth0 +7201 +0/{nodes} +42 +7 +\d+ +\d+ +\w+ *$", table.Output);
        Assert.Matches(@"(?m)^cli +cli-a +Running +42 +7 +\d+s *$", table.Output);
        var tap = json
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!)
            .Single(tap => (string)tap["metadata"]!["name"]! == "cli");
        Assert.Equal(7, (int)tap["status"]!["packets"]!["dropped"]!);
    }

    [Fact]
    public async Task Check_of_a_cluster_says_what_is_there_and_what_is_missing()
    {
        var check = await OcxCommand.RunAsync(cluster.ControlPlane.KubeConfig, "check", "--cluster");

        Assert.Matches(@"(?m)^ok +the API server at 127\.0\.0\.1:\d+ is Kubernetes v", check.Output);
        Assert.Matches(@"(?m)^ok +ocx\.dev/v1alpha1 is served", check.Output);
        // Without a kubelet there is no operator's pod.
        Assert.Matches(@"(?m)^fail +the operator is not available: 0 of \d in ocx-system -> ", check.Output);
        Assert.Matches(@"(?m)^ok +you may get pods/log in ocx-system", check.Output);
        Assert.Equal(1, check.ExitCode);
    }

    [Fact]
    public async Task A_user_without_rights_is_told_which_ones_are_missing()
    {
        // Of another namespace: the operator's own accounts may list the agents' pods.
        const string Elsewhere = "default";
        await cluster.Admin.CoreV1.CreateNamespacedServiceAccountAsync(
            new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "nobody" } },
            Elsewhere
        );
        var request = new Authenticationv1TokenRequest
        {
            Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = 3600 },
        };
        var token = await cluster.Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, "nobody", Elsewhere);
        var nobody = cluster.ControlPlane.WriteKubeConfig("nobody", token.Status.Token);

        var check = await OcxCommand.RunAsync(nobody, "check", "--cluster");
        var observe = await OcxCommand.RunAsync(nobody, "observe");

        Assert.Matches(@"(?m)^fail +you may not get pods/log in ocx-system", check.Output);
        Assert.Matches(@"(?m)^warn +you may not create pods/exec in ocx-system", check.Output);
        Assert.Equal(1, observe.ExitCode);
        Assert.Matches(@"^ocx: the API server answered 403 Forbidden: pods is forbidden[^\n]+\n$", observe.Errors);
    }

    [Fact]
    public async Task Observe_where_no_agent_runs_says_so()
    {
        var observe = await OcxCommand.RunAsync(cluster.ControlPlane.KubeConfig, "observe", "--tap", "no-such-tap");

        Assert.Equal((1, ""), (observe.ExitCode, observe.Output));
        Assert.Contains(
            "no agent runs in ocx-system for the McpTap no-such-tap",
            observe.Errors,
            StringComparison.Ordinal
        );
    }
}
