using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ocx.Api;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Soak;

/// <summary>
/// The shipped agent at its default settings among peers who want to deceive, exhaust or end it: its memory stays flat
/// and below the limit that its pod gets, it does not end, and every call of a well-behaved client beside them is told
/// right.
/// </summary>
public sealed class SoakTests : KernelTest
{
    // `make soak` sets it to 30 minutes; a run of all tests takes two.
    private const string Minutes = "OCX_SOAK_MINUTES";

    private const int MetricsPort = 9464;
    private const long Mebibyte = 1 << 20;

    // What a pod's limit leaves for the process, the ring apart.
    private static readonly long s_processLimit = AgentFootprint.Process(AgentFootprint.DefaultCalls);

    // What docs/metrics.md says of the page, whatever names calls have.
    private const int LargestMetrics = 5 << 20;
    private static readonly TimeSpan s_untilFull = TimeSpan.FromMinutes(10);

    private static readonly IPEndPoint s_good = IPEndPoint.Parse("10.77.0.2:8080");
    private static readonly IPEndPoint s_hostile = IPEndPoint.Parse("10.77.0.3:8080");

    [Fact]
    public async Task Hostile_traffic_costs_neither_memory_nor_a_call_of_a_good_client()
    {
        string minutes = Environment.GetEnvironmentVariable(Minutes) ?? "2";
        var time = TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture));
        int seed = Random.Shared.Next();
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        using var pair = new VethPair("10.77.0.1/24", "10.77.0.2/24");
        pair.Server.Ip("address add 10.77.0.3/24 dev server0");
        pair.Client.Ip("link set client0 mtu 65535");
        pair.Server.Ip("link set server0 mtu 65535");
        using var server = new McpServerProcess(pair.Server, s_good);
        var good = new GoodClient(pair.Client, s_good, seed);
        using AgentProcess agent = AgentProcess.StartWatched(
            pair.Server,
            good.Take,
            "--interface",
            "server0",
            "--events",
            "calls",
            "--log-format",
            "json",
            "--http-port",
            $"{MetricsPort}"
        );
        var memory = new ResidentMemory(agent.Pid);
        var peers = new HostilePeers(pair, s_hostile, HostileScripts.All(), seed);
        var frames = new HostileFrames(pair, seed);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(time);
        Task<int> metrics = Task.Run(() => LargestMetricsAsync(pair.Server, stop.Token));
        await Task.WhenAll(
            new[]
            {
                good.ConverseAsync,
                good.CallOnceEachAsync,
                peers.PlayAsync,
                frames.SendAsync,
                memory.WatchAsync,
            }.Select(part => Task.Run(() => part(stop.Token)))
        );
        int largest = await metrics;
        agent.Signal(Native.SigTerm);
        int exitCode = agent.AwaitExit(TimeSpan.FromSeconds(10));

        string quarters = string.Join(
            ", ",
            Enumerable.Range(0, 4).Select(quarter => memory.Median(quarter) / Mebibyte)
        );
        string seen = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            seed {seed}: {good.Made} good calls, {peers.Played} hostile connections, {frames.Sent} hostile frames
            RssAnon at most {memory.Highest / Mebibyte} MiB, by quarter {quarters} MiB; /metrics at most {largest} bytes
            {string.Join('\n', agent.Log.TakeLast(4))}
            """
        );
        output.WriteLine(seen);
        Assert.True(exitCode == 0, $"exit code {exitCode}; {seen}");
        Assert.True(good.Faults.Count == 0, $"{seen}\n{string.Join('\n', good.Faults)}");
        Assert.True(
            good.Made > 0 && good.Untold.Count == 0,
            $"{good.Untold.Count} of the good calls were never told: {string.Join(", ", good.Untold.Take(20))}; {seen}"
        );
        Assert.True(peers.Played > time.TotalSeconds, seen);
        Assert.True(memory.Highest < s_processLimit, seen);
        // It takes some minutes until what it may hold is full: before that its memory rises, and the limit alone
        // holds.
        if (time >= s_untilFull)
        {
            long before = memory.Median(1),
                after = memory.Median(3);
            Assert.True(after <= before + (before / 8) + (8 * Mebibyte), $"memory grows; {seen}");
        }
        Assert.True(largest < LargestMetrics, seen);
    }

    private static async Task<int> LargestMetricsAsync(NetworkNamespace @namespace, CancellationToken cancellation)
    {
        var endpoint = new IPEndPoint(IPAddress.Loopback, MetricsPort);
        using SocketsHttpHandler handler = @namespace.HttpTo(
            endpoint,
            socket => new NetworkStream(socket, ownsSocket: true)
        );
        using var http = new HttpClient(handler);
        int largest = 0;
        while (!cancellation.IsCancellationRequested)
        {
            byte[] page = await http.GetByteArrayAsync($"http://{endpoint}/metrics", CancellationToken.None);
            largest = Math.Max(largest, page.Length);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return largest;
    }
}
