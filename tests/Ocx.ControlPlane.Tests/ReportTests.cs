using System.Net;
using k8s;
using Ocx.Api;

namespace Ocx.ControlPlane.Tests;

/// <summary>Real report writers, each with the agents' account and a token of its node.</summary>
public sealed class ReportTests(Cluster cluster)
{
    [Fact]
    public async Task Counts_reach_the_status_survive_a_restart_of_the_agent_and_outlive_their_node()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-a");
        await cluster.CreateNodeAsync("node-b");
        await cluster.CreateTapAsync("counts", """{"port":7101,"reportInterval":"2s"}""");
        await using var first = await cluster.StartReporterAsync("counts", "node-a");
        await using var other = await cluster.StartReporterAsync("counts", "node-b");
        first.Captured(42);
        other.Captured(1000, dropped: 7);
        var elapsed = await cluster.StatusAsync(
            "counts",
            status => status.Packets is { Captured: 1042, Dropped: 7 },
            "both counts are in the status"
        );
        TestContext.Current.SendDiagnosticMessage($"counts in the status after {elapsed.TotalSeconds:F1} s");
        await cluster.StatusAsync(
            "counts",
            status =>
                status.Conditions!.Any(condition =>
                    condition is { Type: "DataLoss", Status: "True" }
                    && condition.Message.Contains("32Mi", StringComparison.Ordinal)
                ),
            "the loss is told"
        );

        await first.DisposeAsync();
        await using var second = await cluster.StartReporterAsync("counts", "node-a");
        second.Captured(8);
        await cluster.StatusAsync(
            "counts",
            status => status.Nodes!.Any(node => node is { Node: "node-a", Captured: 50 }),
            "the restarted agent goes on from 42"
        );
        await second.DisposeAsync();

        await cluster.Admin.CoreV1.DeleteNodeAsync("node-a");
        await cluster.StatusAsync(
            "counts",
            status => status.Packets.Captured == 1050 && status.Nodes!.All(node => node.Node != "node-a"),
            "the counts stay when the node is gone"
        );
        var calls = (await cluster.TapAsync("counts")).Status!.Calls;
        Assert.Equal((21 + 4 + 500, 3), (calls.Total, calls.Errors));
        Assert.Equal(
            (Reporter.Tool, 21 + 4 + 500),
            (calls.BusiestTools!.Single().Name, calls.BusiestTools!.Single().Calls)
        );
        await Eventually.TrueAsync(
            async () =>
                !(await cluster.ControlPlane.KubectlAsync("-n", Cluster.Namespace, "get", "mcptapreports")).Contains(
                    "counts.node-a",
                    StringComparison.Ordinal
                ),
            "its report is deleted"
        );
    }

    [Fact]
    public async Task An_attach_failure_reaches_the_node_in_the_status_and_an_event()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-c");
        await cluster.CreateTapAsync("failing", """{"port":7102,"reportInterval":"2s"}""");
        await using var agent = await cluster.StartReporterAsync("failing", "node-c");
        agent.Snapshot = agent.Snapshot with { Phase = NodePhase.Failed, Message = "There is no interface 'eth9'." };
        await cluster.StatusAsync(
            "failing",
            status =>
                status.Nodes?.Any(node => node is { Phase: "Failed", Message: "There is no interface 'eth9'." })
                == true,
            "the message is in the status"
        );
        await cluster.EventAsync("failing", "AgentFailed", "node-c: There is no interface");
    }

    [Fact]
    public async Task A_finding_becomes_one_event_whoever_saw_it_and_whoever_leads()
    {
        await using var first = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-e");
        await cluster.CreateNodeAsync("node-f");
        await cluster.CreateTapAsync("finding", """{"port":7109,"reportInterval":"2s"}""");
        await using var agent = await cluster.StartReporterAsync("finding", "node-e");
        await using var other = await cluster.StartReporterAsync("finding", "node-f");
        Found(agent, "tools_changed", "In its tools, tool 'add' is new.");
        Found(other, "tools_changed", "In its tools, tool 'add' is new.");
        await cluster.EventAsync(
            "finding",
            "ToolsChanged",
            "shop/deployment/mcp:8080: In its tools, tool 'add' is new."
        );
        await first.DisposeAsync();

        // The next operator remembers nothing. That it has told the second finding shows that it looked at the first
        // again.
        await using var second = cluster.StartOperator();
        Found(agent, "tools_changed", "In its tools, tool 'add' is new.");
        Found(other, "credential_in_arguments", "The arguments of tools/call 'add' hold what looks like a credential.");
        await cluster.EventAsync("finding", "CredentialInArguments", "hold what looks like a credential");
        Assert.Equal(1, await CountAsync("ToolsChanged"));
        Assert.Equal(1, await CountAsync("CredentialInArguments"));

        void Found(Reporter reporter, string kind, string message)
        {
            reporter.Snapshot = reporter.Snapshot with
            {
                Findings =
                [
                    new Finding
                    {
                        Kind = kind,
                        Server = "shop/deployment/mcp:8080",
                        Message = message,
                        Count = 3,
                        LastSeen = DateTime.UtcNow,
                    },
                ],
            };
            reporter.Captured(reporter.Snapshot.Packets.Captured + 2);
        }

        async Task<int> CountAsync(string reason) =>
            (await cluster.EventsAsync("finding")).Count(news => news.Reason == reason && news.Type == "Warning");
    }

    [Fact]
    public async Task An_agent_that_falls_silent_is_Unknown_after_three_intervals()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-d");
        await cluster.CreateTapAsync("silent", """{"port":7103,"reportInterval":"2s"}""");
        await using var agent = await cluster.StartReporterAsync("silent", "node-d");
        agent.Captured(5);
        await cluster.StatusAsync("silent", status => status.Packets.Captured == 5, "the agent has reported");
        await agent.CrashAsync();
        await cluster.StatusAsync(
            "silent",
            status =>
                status.Nodes!.Any(node => node is { Node: "node-d", Phase: "Unknown" }) && status.Packets.Captured == 5,
            "the node is Unknown"
        );
    }

    [Fact]
    public async Task An_agent_may_neither_list_reports_nor_touch_the_tap()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateTapAsync("least", """{"port":7105}""");
        await cluster.DaemonSetExistsAsync("least");
        var config = cluster.ControlPlane.WriteKubeConfig("least", await cluster.TokenAsync(Cluster.AgentAccount));
        using var agent = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(config));
        await RefusedAsync(
            agent.CustomObjects.ListNamespacedCustomObjectAsync(
                OcxApi.Group,
                OcxApi.Version,
                Cluster.Namespace,
                "mcptapreports"
            )
        );
        await RefusedAsync(
            agent.CustomObjects.GetClusterCustomObjectAsync(OcxApi.Group, OcxApi.Version, "mcptaps", "least")
        );
        await RefusedAsync(agent.CoreV1.ListNodeAsync());
        await cluster.DeleteTapAsync("least");

        static async Task RefusedAsync(Task request) =>
            Assert.Equal(
                HttpStatusCode.Forbidden,
                (await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() => request)).Response.StatusCode
            );
    }

    [Fact]
    public async Task An_agent_writes_the_report_of_its_own_node_alone_where_the_server_has_admission_policies()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-own");
        await cluster.CreateNodeAsync("node-other");
        await cluster.CreateTapAsync("own", """{"port":7107,"reportInterval":"2s"}""");
        await using var agent = await cluster.StartReporterAsync("own", "node-own");
        agent.Captured(3);
        await cluster.StatusAsync("own", status => status.Packets.Captured == 3, "its own report is accepted");

        var other = agent.ClientOf("node-other");
        var forged = new V1Alpha1McpTapReportStatus { Phase = NodePhase.Running };
        var kinds = await cluster.ControlPlane.KubectlAsync("get", "--raw", "/apis/admissionregistration.k8s.io/v1");
        if (kinds.Contains("ValidatingAdmissionPolicy", StringComparison.Ordinal))
        {
            var refusal = await Assert.ThrowsAsync<HttpRequestException>(() =>
                other.ApplyAsync(forged, TestContext.Current.CancellationToken)
            );
            Assert.Equal(HttpStatusCode.Forbidden, refusal.StatusCode);
            Assert.Contains("its own node alone", refusal.Message, StringComparison.Ordinal);
        }
        else
        {
            // What docs/security.md says of older servers: RBAC cannot tell the nodes' reports from one another, and
            // the chart has no policy.
            await other.ApplyAsync(forged, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(
                "ValidatingAdmissionPolicy",
                await cluster.ControlPlane.HelmAsync("get", "manifest", "ocx", "--namespace", Cluster.Namespace),
                StringComparison.Ordinal
            );
        }
    }
}
