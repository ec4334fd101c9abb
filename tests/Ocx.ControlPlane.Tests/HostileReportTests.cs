using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Api;
using Ocx.Kube;

namespace Ocx.ControlPlane.Tests;

/// <summary>Reports that somebody wrote who wants to deceive the operator or to stop it.</summary>
public sealed class HostileReportTests(Cluster cluster)
{
    private static readonly string[] s_oddTimes =
    [
        "2016-12-31T23:59:60Z",
        "2026-01-21 14:15:30Z",
        "2026-01-21t14:15:30.5z",
        "2026-01-21",
    ];

    [Theory]
    [InlineData("""{"packets":{"total":9223372036854775807}}""", "status.packets.total")]
    [InlineData("""{"bytes":{"captured":-1}}""", "status.bytes.captured")]
    [InlineData(
        """{"calls":{"busiestTools":[{"name":"x","calls":2305843009213693953}]}}""",
        "status.calls.busiestTools"
    )]
    [InlineData(
        """{"lastReportTime":"2026-01-21T14:15:30.0000000000000000000000000000000Z"}""",
        "status.lastReportTime"
    )]
    [InlineData("""{"lastReportTime":"yesterday"}""", "status.lastReportTime")]
    public async Task The_definition_refuses_what_no_agent_writes(string status, string field)
    {
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => WriteAsync("mcp", "node", status));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refusal.Response.StatusCode);
        Assert.Contains(field, refusal.Response.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.b", "node")]
    [InlineData("mcp", "Node")]
    [InlineData("mcp", "a..b")]
    [InlineData("mcp", "")]
    public async Task The_definition_refuses_names_that_are_none(string tap, string node) =>
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await Assert.ThrowsAsync<HttpOperationException>(() => WriteAsync(tap, node, "{}", name: "any-name")))
                .Response
                .StatusCode
        );

    [Fact]
    public async Task A_report_that_cannot_be_right_is_named_and_the_other_nodes_go_on()
    {
        await using var leader = cluster.StartOperator();
        await WithTapAsync(
            "hostile",
            7601,
            ["node-honest", "node-liar"],
            async () =>
            {
                await using var honest = await cluster.StartReporterAsync("hostile", "node-honest");
                honest.Captured(42);
                await cluster.StatusAsync(
                    "hostile",
                    status => status.Packets.Captured == 42,
                    "the honest node's counts"
                );

                await WriteAsync(
                    "hostile",
                    "node-liar",
                    """{"phase":"Running","packets":{"total":10,"captured":1000000}"""
                        + ""","lastReportTime":"9999-12-31T23:59:59Z"}"""
                );
                await cluster.StatusAsync(
                    "hostile",
                    status =>
                        status.Conditions!.Any(condition =>
                            condition is { Type: "ReportsAccepted", Status: "False", Reason: "ImplausibleReport" }
                            && condition.Message.Contains("hostile.node-liar: status.packets", StringComparison.Ordinal)
                        ) && status.Nodes!.Any(node => node is { Node: "node-liar", Phase: "Unknown" }),
                    "the condition names the report"
                );
                honest.Captured(43);
                await cluster.StatusAsync(
                    "hostile",
                    status => status.Packets.Captured == 43,
                    "the honest node's counts go on, and are the only ones"
                );

                await DeleteAsync("hostile.node-liar");
                await cluster.StatusAsync(
                    "hostile",
                    status =>
                        status.Conditions!.Any(condition => condition is { Type: "ReportsAccepted", Status: "True" }),
                    "all is well again"
                );
            }
        );
    }

    [Fact]
    public async Task An_agent_that_starts_does_not_continue_counts_that_cannot_be_right()
    {
        await using var leader = cluster.StartOperator();
        await WithTapAsync(
            "resumed",
            7609,
            ["node-resumed"],
            async () =>
            {
                await WriteAsync(
                    "resumed",
                    "node-resumed",
                    """{"phase":"Running","packets":{"total":10,"captured":1000000}}"""
                );
                await using var agent = await cluster.StartReporterAsync("resumed", "node-resumed");
                agent.Captured(7);
                await cluster.StatusAsync(
                    "resumed",
                    status =>
                        status.Packets.Captured == 7
                        && status.Conditions!.Any(condition =>
                            condition is { Type: "ReportsAccepted", Status: "True" }
                        ),
                    "the agent's own counts, in a report that is accepted"
                );
            }
        );
    }

    [Fact]
    public async Task Times_that_cannot_be_and_cannot_be_read_neither_pin_a_loss_nor_end_the_operator()
    {
        await using var leader = cluster.StartOperator();
        await WithTapAsync(
            "times",
            7602,
            ["node-now", "node-future"],
            async () =>
            {
                await using var honest = await cluster.StartReporterAsync("times", "node-now");
                honest.Captured(5);
                await WriteAsync(
                    "times",
                    "node-future",
                    """
                    {"phase":"Running","lastReportTime":"2999-01-01T00:00:00Z","lastDropTime":"2999-01-01T00:00:00Z"}
                    """
                );
                await cluster.StatusAsync(
                    "times",
                    status => status.Conditions!.Any(condition => condition is { Type: "DataLoss", Status: "True" }),
                    "a loss, as of now"
                );
                Assert.All(
                    (await cluster.TapAsync("times")).Status!.Nodes!,
                    node =>
                        Assert.InRange(
                            node.LastReportTime!.Value,
                            DateTime.UtcNow.AddMinutes(-1),
                            DateTime.UtcNow.AddMinutes(1)
                        )
                );

                // Whatever of these the API server takes for a time, KubernetesClient may not.
                var taken = new List<string>();
                foreach (var (number, time) in s_oddTimes.Index())
                {
                    try
                    {
                        await WriteAsync(
                            "times",
                            $"odd-{number}",
                            $$"""{"phase":"Running","lastReportTime":"{{time}}"}"""
                        );
                        taken.Add($"times.odd-{number}");
                    }
                    catch (HttpOperationException refusal)
                        when (refusal.Response.StatusCode == HttpStatusCode.UnprocessableEntity)
                    {
                        continue;
                    }
                }

                TestContext.Current.SendDiagnosticMessage($"the API server took {string.Join(", ", taken)}");
                honest.Captured(6);
                await cluster.StatusAsync(
                    "times",
                    status => status.Packets.Captured == 6,
                    "the honest node's counts go on"
                );
                Assert.False(leader.Process.HasExited);
                foreach (var report in taken)
                {
                    await DeleteAsync(report);
                }

                await cluster.StatusAsync(
                    "times",
                    status => status.Conditions!.Any(condition => condition is { Type: "DataLoss", Status: "False" }),
                    "the loss is over"
                );
            }
        );
    }

    [Fact]
    public async Task Reports_of_a_tap_that_is_not_there_are_deleted()
    {
        await using var leader = cluster.StartOperator();
        await leader.LeadsAsync();
        await WriteAsync("never-was", "node-any", """{"phase":"Running"}""");
        await Eventually.TrueAsync(
            async () =>
                !(await cluster.ControlPlane.KubectlAsync("-n", Cluster.Namespace, "get", "mcptapreports")).Contains(
                    "never-was",
                    StringComparison.Ordinal
                ),
            "the report is deleted"
        );
    }

    [Fact]
    public async Task A_status_that_is_made_from_an_earlier_version_is_refused()
    {
        var tap = await cluster.CreateTapAsync("earlier", """{"port":7603,"nodeSelector":{"no":"node"}}""");
        try
        {
            using var kubernetes = new Kubernetes(
                KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.OperatorKubeConfig)
            );
            var client = new ResourceClient<V1Alpha1McpTap>(kubernetes, "ocx-operator");
            var answer = await client.ApplyStatusAsync(Status(1), TestContext.Current.CancellationToken);
            Assert.NotEqual(tap.ResourceVersion(), answer.ResourceVersion());
            var refusal = await Assert.ThrowsAsync<ApiException>(() =>
                client.ApplyStatusAsync(Status(2), TestContext.Current.CancellationToken)
            );
            Assert.Equal(HttpStatusCode.Conflict, refusal.StatusCode);
        }
        finally
        {
            await cluster.DeleteTapAsync("earlier");
        }

        V1Alpha1McpTap Status(int nodes) =>
            new()
            {
                Metadata = new V1ObjectMeta
                {
                    Name = "earlier",
                    Uid = tap.Uid(),
                    ResourceVersion = tap.ResourceVersion(),
                },
                Spec = null!,
                Status = new V1Alpha1McpTapStatus { DesiredNodes = nodes },
            };
    }

    private async Task WithTapAsync(string tap, int port, string[] nodes, Func<Task> test)
    {
        foreach (var node in nodes)
        {
            await cluster.CreateNodeAsync(node);
        }

        await cluster.CreateTapAsync(tap, $$"""{"port":{{port}},"reportInterval":"2s"}""");
        try
        {
            await test();
        }
        finally
        {
            await cluster.DeleteTapAsync(tap);
            foreach (var node in nodes)
            {
                await cluster.Admin.CoreV1.DeleteNodeAsync(node);
            }
        }
    }

    private async Task WriteAsync(string tap, string node, string status, string? name = null) =>
        await cluster.Admin.CustomObjects.CreateNamespacedCustomObjectAsync(
            JsonNode.Parse(
                $$$"""
                {"apiVersion":"ocx.dev/v1alpha1","kind":"McpTapReport","metadata":{"name":"{{{name
                    ?? $"{tap}.{node}"}}}"},
                 "spec":{"tap":"{{{tap}}}","node":"{{{node}}}"},"status":{{{status}}}}
                """
            )!,
            OcxApi.Group,
            OcxApi.Version,
            Cluster.Namespace,
            V1Alpha1McpTapReport.KubePluralName
        );

    // The operator may have been quicker.
    private async Task DeleteAsync(string report) =>
        await cluster.ControlPlane.KubectlAsync(
            "-n",
            Cluster.Namespace,
            "delete",
            "mcptapreport",
            report,
            "--ignore-not-found"
        );
}
