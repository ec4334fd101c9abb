using System.Collections.Concurrent;
using System.Globalization;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Cluster;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// What an agent knows of its node's pods, against a real API server; the tests write the status that a kubelet would.
/// </summary>
public sealed class PodWatchTests(Cluster cluster)
{
    private const string Other = "node-other";

    [Fact]
    public async Task Pods_of_the_node_are_known_once_they_have_an_address_and_those_of_other_nodes_are_not()
    {
        const string Node = "node-pods";
        await cluster.CreateNodeAsync(Node); // pods of nodes that are not there are taken away
        await cluster.CreateNodeAsync(Other);
        await using var agent = new Watcher(cluster, Node, await cluster.TokenAsync(Cluster.AgentAccount));
        await CreateAsync("before", Node, "10.9.0.1");
        await agent.KnowsAsync("10.9.0.1", "before");

        await CreateAsync("dual", Node, "10.9.0.2", "fd09::2");
        await CreateAsync("elsewhere", Other, "10.9.0.3");
        await agent.KnowsAsync("10.9.0.2", "dual");
        await agent.KnowsAsync("fd09::2", "dual");
        Assert.Null(agent.Holder("10.9.0.3"));

        await StatusAsync("dual", """{"status":{"phase":"Succeeded"}}""");
        await agent.KnowsAsync("10.9.0.2", null);
        await DeleteAsync("before");
        await agent.KnowsAsync("10.9.0.1", null);
        await DeleteAsync("dual");
        await DeleteAsync("elsewhere");
        Assert.Equal(1, agent.Lists);
    }

    [Fact]
    public async Task A_watch_that_ends_is_followed_by_the_next_and_no_name_is_missing_meanwhile()
    {
        const string Node = "node-renewed";
        await cluster.CreateNodeAsync(Node);
        await using var agent = new Watcher(
            cluster,
            Node,
            await cluster.TokenAsync(Cluster.AgentAccount),
            shortestWatch: TimeSpan.FromSeconds(3)
        );
        await CreateAsync("lasting", Node, "10.9.3.1");
        await agent.KnowsAsync("10.9.3.1", "lasting");

        var missing = 0;
        for (var until = DateTime.UtcNow.AddSeconds(60); agent.Requests < 5 && DateTime.UtcNow < until; )
        {
            missing += agent.Holder("10.9.3.1") == "lasting" ? 0 : 1;
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await CreateAsync("later", Node, "10.9.3.2");
        await agent.KnowsAsync("10.9.3.2", "later");
        Assert.Equal((0, 1), (missing, agent.Lists));
        Assert.True(agent.Requests >= 5, $"{agent.Requests} requests");
    }

    [Fact]
    public async Task An_account_without_the_right_is_told_once_and_the_agent_goes_on()
    {
        await cluster.Admin.CoreV1.CreateNamespacedServiceAccountAsync(
            new V1ServiceAccount { Metadata = new() { Name = "stranger" } },
            "default"
        );
        var token = (
            await cluster.Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(
                new Authenticationv1TokenRequest
                {
                    Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = 3600 },
                },
                "stranger",
                "default"
            )
        ).Status.Token;
        await using var agent = new Watcher(cluster, "node-refused", token);
        await Eventually.TrueAsync(() => Task.FromResult(!agent.Warnings.IsEmpty), "it is told");
        var requests = agent.Requests;
        await Eventually.TrueAsync(() => Task.FromResult(agent.Requests > requests), "it has tried again");
        Assert.Contains("agent.attribution.enabled", Assert.Single(agent.Warnings), StringComparison.Ordinal);
    }

    internal async Task CreateAsync(string name, string node, params string[] addresses)
    {
        await cluster.Admin.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new() { Name = name },
                Spec = new()
                {
                    NodeName = node,
                    AutomountServiceAccountToken = false,
                    TerminationGracePeriodSeconds = 0,
                    Containers = [new() { Name = "main", Image = "main" }],
                },
            },
            Cluster.Namespace
        );
        var ips = string.Join(',', addresses.Select(ip => $$"""{"ip":"{{ip}}"}"""));
        var started = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        await StatusAsync(
            name,
            $$$"""
            {"status":{"phase":"Running","startTime":"{{{started}}}","podIP":"{{{addresses[0]}}}","podIPs":[{{{ips}}}]}}
            """
        );
    }

    private async Task StatusAsync(string name, string merge) =>
        await cluster.Admin.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch(merge, V1Patch.PatchType.MergePatch),
            name,
            Cluster.Namespace
        );

    private async Task DeleteAsync(string name) =>
        await cluster.Admin.CoreV1.DeleteNamespacedPodAsync(name, Cluster.Namespace, gracePeriodSeconds: 0);
}

/// <summary>An API server of its own, for what others would feel.</summary>
public sealed class PodWatchOutageTests
{
    [Fact]
    public async Task After_an_outage_that_the_watch_cannot_go_on_from_the_pods_are_listed_again()
    {
        const string Node = "node-outage";
        await using var cluster = new Cluster { ControlPlane = new() { WithControllerManager = false } };
        await cluster.InitializeAsync();
        var pods = new PodWatchTests(cluster);
        await using var agent = new Watcher(cluster, Node, await cluster.TokenAsync(Cluster.AgentAccount));
        await pods.CreateAsync("first", Node, "10.9.1.1");
        await agent.KnowsAsync("10.9.1.1", "first");

        await cluster.ControlPlane.KillApiServerAsync();
        await cluster.StartApiServerAsync();
        for (var pod = 0; pod < 5; pod++)
        {
            await pods.CreateAsync($"meanwhile-{pod}", Other, $"10.9.2.{pod + 1}");
        }

        await cluster.ControlPlane.CompactAsync();
        await cluster.ControlPlane.KillApiServerAsync();
        await cluster.StartApiServerAsync();
        await pods.CreateAsync("second", Node, "10.9.1.2");
        await agent.KnowsAsync("10.9.1.2", "second");
        await agent.KnowsAsync("10.9.1.1", "first");
        Assert.Contains(
            agent.Warnings,
            line => line.StartsWith("The watch of this node's pods ended", StringComparison.Ordinal)
        );
        TestContext.Current.SendDiagnosticMessage($"{agent.Lists} lists");
    }

    private const string Other = "node-other";
}

/// <summary>An agent's watch of pods.</summary>
internal sealed class Watcher : IAsyncDisposable, ILogger
{
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly PodTable _pods = new();
    private readonly Task _run;
    private int _lists;
    private int _requests;

    public Watcher(Cluster cluster, string node, string token, TimeSpan? shortestWatch = null)
    {
        _http = InClusterApi.CreateClient(cluster.ControlPlane.Address, cluster.ControlPlane.Authority);
        var client = new PodClient(
            _http,
            node,
            () =>
            {
                Interlocked.Increment(ref _requests);
                return token;
            }
        );
        _run = new PodWatch(client, _pods, this) { ShortestWatch = shortestWatch ?? TimeSpan.FromMinutes(5) }.RunAsync(
            _stop.Token
        );
    }

    /// <summary>Warnings.</summary>
    public ConcurrentQueue<string> Warnings { get; } = new();

    /// <summary>Lists and watches: the token is read for each.</summary>
    public int Requests => _requests;

    /// <summary>How often the pods were listed.</summary>
    public int Lists => _lists;

    public string? Holder(string address) =>
        _pods
            .HolderOf(
                IpEndpoint.From(System.Net.IPAddress.Parse(address).GetAddressBytes(), 8080),
                (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick,
                out _
            )
            ?.Name;

    public Task KnowsAsync(string address, string? pod) =>
        Eventually.TrueAsync(() => Task.FromResult(Holder(address) == pod), $"{address} is {pod ?? "nobody's"}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _http.Dispose();
        _stop.Dispose();
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (logLevel >= LogLevel.Warning)
        {
            Warnings.Enqueue(formatter(state, exception));
        }
        else
        {
            Interlocked.Increment(ref _lists);
        }
    }
}
