using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>
/// The chart's dashboard and alerts on a real Prometheus, which scrapes the shipped agent while real MCP calls pass it.
/// </summary>
public sealed partial class DashboardTests : KernelTest
{
    private static readonly IPEndPoint s_server = new(IPAddress.Loopback, 8080);
    private static readonly IPEndPoint s_metrics = new(IPAddress.Loopback, 9910);
    private static readonly string s_chart = Path.Combine(Checkout.Root, "deploy/helm/ocx-tap");
    private static readonly string s_rules = Path.Combine(s_chart, "rules/ocx-tap.yaml");

    [Fact]
    public async Task Every_query_of_the_dashboard_has_data_and_every_alert_can_be_evaluated()
    {
        using var host = new NetworkNamespace();
        using var server = new McpServerProcess(host, s_server);
        using AgentProcess agent = AgentProcess.Start(
            host,
            "--interface",
            "lo",
            "--port",
            "8080",
            "--events",
            "none",
            "--http-port",
            $"{s_metrics.Port}",
            // Nobody listens there: what is not exported counts too.
            "--otlp-endpoint",
            "http://127.0.0.1:4317"
        );
        using var prometheus = new PrometheusProcess(host, s_metrics, s_rules);
        await prometheus.ReadyAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task calling = CallAsync(host, enough.Token);

        // Rates need a few scrapes in which counts grow.
        await EventuallyAsync(
            prometheus,
            "sum(rate(mcp_server_operation_duration_seconds_count{error_type!=\"\"}[10s])) > 0"
        );
        var empty = new List<string>();
        string[] queries = [.. Queries()];
        foreach (string query in queries)
        {
            // The operator's metrics are not here; that the query can be read is seen all the same.
            // A scrape may fail on a busy machine, and what is of this instant is away until the next one.
            bool isHere = !query.StartsWith("ocx_tap_", StringComparison.Ordinal);
            int series = await prometheus.SeriesAsync(query);
            for (int attempt = 0; series == 0 && isHere && attempt < 60; attempt++)
            {
                await Task.Delay(500, TestContext.Current.CancellationToken);
                series = await prometheus.SeriesAsync(query);
            }

            if (series == 0 && isHere)
            {
                empty.Add(query);
            }
        }

        Assert.True(queries.Length > 20, $"the dashboard has {queries.Length} queries");
        Assert.Empty(empty);
        IReadOnlyDictionary<string, string> alerts = await prometheus.AlertsAsync();
        Assert.Equal(
            Alert().Count(await File.ReadAllTextAsync(s_rules, TestContext.Current.CancellationToken)),
            alerts.Count
        );
        Assert.All(alerts, alert => Assert.Equal((alert.Key, "ok"), (alert.Key, alert.Value)));
        await enough.CancelAsync();
        await calling;
        agent.Stop();
    }

    [Fact]
    public void Alerts_are_raised_by_what_they_are_about_and_by_nothing_less()
    {
        string output = Command.Run(
            PrometheusProcess.Program("promtool"),
            "test",
            "rules",
            Path.Combine(Checkout.Root, "tests/Ocx.Kernel.Tests/alerts.yaml")
        );
        Assert.Contains("SUCCESS", output, StringComparison.Ordinal);
    }

    // The queries as Grafana would send them with all namespaces, servers and tools chosen.
    private static IEnumerable<string> Queries() =>
        from panel in JsonElement
            .Parse(File.ReadAllText(Path.Combine(s_chart, "dashboards/ocx-tap.json")))
            .GetProperty("panels")
            .EnumerateArray()
        where panel.TryGetProperty("targets", out _)
        from target in panel.GetProperty("targets").EnumerateArray()
        select target
            .GetProperty("expr")
            .GetString()!
            .Replace("$__rate_interval", "10s", StringComparison.Ordinal)
            .Replace("$__range", "1m", StringComparison.Ordinal)
            .Replace("$namespace", ".*", StringComparison.Ordinal)
            .Replace("$server", ".*", StringComparison.Ordinal)
            .Replace("$tool", ".*", StringComparison.Ordinal);

    private static async Task EventuallyAsync(PrometheusProcess prometheus, string query)
    {
        for (int attempt = 0; attempt < 60; attempt++)
        {
            if (await prometheus.SeriesAsync(query) > 0)
            {
                return;
            }

            await Task.Delay(500, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"no data in 30 s: {query}");
    }

    private static async Task CallAsync(NetworkNamespace host, CancellationToken enough)
    {
        using SocketsHttpHandler handler = host.HttpTo(s_server, socket => new NetworkStream(socket, ownsSocket: true));
        using var http = new HttpClient(handler);
        await using McpClient client = await SdkClient.ConnectAsync(http, s_server, enough);
        while (!enough.IsCancellationRequested)
        {
            await client.CallToolAsync(
                "echo",
                new Dictionary<string, object?> { ["text"] = "x" },
                cancellationToken: CancellationToken.None
            );
            await Assert.ThrowsAnyAsync<McpException>(async () =>
                await client.CallToolAsync("no-such-tool", cancellationToken: CancellationToken.None)
            );
            await Task.Delay(100, CancellationToken.None);
        }
    }

    [GeneratedRegex("(?m)^ +- alert: ")]
    private static partial Regex Alert();
}
