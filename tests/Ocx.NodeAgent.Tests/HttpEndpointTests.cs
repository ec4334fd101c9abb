using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Ocx.NodeAgent.Capture;
using Ocx.NodeProgram;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public sealed partial class HttpEndpointTests : IAsyncLifetime
{
    private readonly AgentStatus _status = new(new());
    private readonly IPEndPoint _address = new(IPAddress.Loopback, FreePort());
    private readonly HttpClient _client = new();
    private HttpEndpoint _endpoint = null!;
    private string? _problem;

    public async ValueTask InitializeAsync()
    {
        _endpoint = await HttpEndpoint.StartAsync(
            _address,
            () => _status.NotReady,
            new AgentMetrics(_status, () => new ShedCounts(5, 7, 3, 2), new(), () => default).Render
        );
        _client.BaseAddress = new Uri($"http://{_address}/");
    }

    [Fact]
    public async Task An_agent_that_cannot_capture_is_alive_and_says_why_it_is_not_ready()
    {
        Assert.Equal((200, "ok\n"), await GetAsync("healthz"));
        Assert.Equal((503, "starting\n"), await GetAsync("readyz"));

        _status.Failed("missing CAP_BPF");
        Assert.Equal((503, "missing CAP_BPF\n"), await GetAsync("readyz"));

        _status.Failed("eth\u001b[2J0\n" + new string('x', 2000));
        (int code, string why) = await GetAsync("readyz");
        Assert.Equal((503, 1025), (code, why.Length)); // as much as a report takes, and the line's end
        Assert.StartsWith("eth\\u{1b}[2J0\\nxxx", why, StringComparison.Ordinal);

        _status.Loaded(() => default, () => _problem);
        Assert.Equal((200, "ok\n"), await GetAsync("readyz"));

        _problem = "there is no interface 'eth9'";
        Assert.Equal((503, "there is no interface 'eth9'\n"), await GetAsync("readyz"));
        Assert.Equal((200, "ok\n"), await GetAsync("healthz"));
    }

    [Fact]
    public async Task Metrics_are_in_the_format_that_Prometheus_reads_and_hold_every_count()
    {
        _status.Loaded(
            () =>
                new TapCounters
                {
                    Total = 100,
                    Filtered = 90,
                    Captured = 71,
                    DroppedRingFull = 7,
                    DroppedCopyFailed = 2,
                    Empty = 10,
                },
            () => null
        );
        string metrics = (await GetAsync("metrics")).Text;

        Assert.Contains("\nocx_agent_packets_total 100\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nocx_agent_captured_packets_total 71\n", metrics, StringComparison.Ordinal);
        Assert.Contains(
            "\nocx_agent_dropped_packets_total{reason=\"ring_full\"} 7\n",
            metrics,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "\nocx_agent_dropped_packets_total{reason=\"copy_failed\"} 2\n",
            metrics,
            StringComparison.Ordinal
        );
        Assert.Contains("\nocx_agent_shed_segments_total{sink=\"follower\"} 5\n", metrics, StringComparison.Ordinal);
        Assert.Contains(
            "\nocx_agent_shed_control_segments_total{sink=\"follower\"} 7\n",
            metrics,
            StringComparison.Ordinal
        );
        Assert.Contains("\nocx_agent_shed_segments_total{sink=\"stdout\"} 3\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nocx_agent_shed_calls_total{sink=\"stdout\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nocx_agent_capturing 1\n", metrics, StringComparison.Ordinal);
        Assert.All(metrics.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
    }

    [Fact]
    public async Task A_scraper_that_prefers_OpenMetrics_gets_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "metrics");
        request.Headers.Accept.ParseAdd("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
        using HttpResponseMessage answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/openmetrics-text", answer.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith(
            "\n# EOF\n",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_last_counts_stay_when_the_tap_has_ended()
    {
        _status.Loaded(() => new TapCounters { Captured = 71 }, () => null);
        _status.Ended();
        Assert.Contains(
            "\nocx_agent_captured_packets_total 71\n",
            (await GetAsync("metrics")).Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Anything_else_is_refused()
    {
        Assert.Equal(404, (await GetAsync("debug")).Code);
        using HttpResponseMessage headed = await _client.SendAsync(
            new HttpRequestMessage(HttpMethod.Head, "healthz"),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.OK, headed.StatusCode);
        using HttpResponseMessage posted = await _client.PostAsync(
            "metrics",
            new StringContent(""),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        var refused = await Assert.ThrowsAsync<StartupException>(() =>
            HttpEndpoint.StartAsync(_address, () => null, _ => { })
        );
        Assert.Contains($"cannot listen on {_address}", refused.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        _client.Dispose();
    }

    private async Task<(int Code, string Text)> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _client.GetAsync(path, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("^(# (HELP|TYPE) [a-z_]+ .+|[a-z0-9_]+(\\{[a-z]+=\"[^\"]*\"\\})? [0-9]+)$")]
    private static partial Regex Line();
}
