using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Controllers;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Tests;

/// <summary>
/// What becomes of the counts of nodes that are gone when the watch of taps lags behind what was written.
/// </summary>
public sealed class StatusWriterTests
{
    private static readonly DateTime s_now = new(2026, 1, 21, 14, 15, 30, DateTimeKind.Utc);

    private readonly Clock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retired_counts_stay_however_late_the_watch_brings_the_status_that_has_them()
    {
        var server = new TapServer();
        await using var api = await LoopbackApi.StartAsync(server.AnswerAsync);
        var writer = Writer(api);

        // The watch brings nothing any more: the tap is looked at as it was at first, again and again.
        var cached = server.Present();
        Assert.Equal(42, await PassAsync(writer, cached, [Report("a", 30), Report("gone", 12)]));
        Assert.Equal(43, await PassAsync(writer, cached, [Report("a", 31)]));
        Assert.Equal(44, await PassAsync(writer, cached, [Report("a", 32)]));
        Assert.Equal(
            (44, 12),
            (server.Present().Status!.Packets.Captured, server.Present().Status!.Retired!.Packets.Captured)
        );

        // Then it catches up, one version after the other, the oldest first.
        Assert.Equal(45, await PassAsync(writer, server.At("2"), [Report("a", 33)]));
        Assert.Equal(46, await PassAsync(writer, server.Present(), [Report("a", 34)]));
        Assert.Equal(12, server.Present().Status!.Retired!.Packets.Captured);
        Assert.Equal(0, server.Refused);
    }

    [Fact]
    public async Task A_leader_whose_watch_lags_behind_an_earlier_leader_writes_nothing_until_it_catches_up()
    {
        var server = new TapServer();
        await using var api = await LoopbackApi.StartAsync(server.AnswerAsync);
        var cached = server.Present();
        await PassAsync(Writer(api), cached, [Report("a", 30), Report("gone", 12)]);

        // The next leader's watch has not brought that write, while the report's deletion is known to it.
        var next = Writer(api);
        var built = StatusBuilder.Build(Seen(next.Newest(cached), [Report("a", 31)]));
        Assert.NotNull(await next.WriteAsync(cached, built, Token));
        Assert.Equal(1, server.Refused);
        Assert.Equal(42, server.Present().Status!.Packets.Captured);

        Assert.Equal(43, await PassAsync(next, server.Present(), [Report("a", 31)]));
    }

    private static TapObservation Seen(V1Alpha1McpTap tap, IReadOnlyList<V1Alpha1McpTapReport> reports) =>
        new()
        {
            Tap = tap,
            Reports = reports,
            NodeExists = name => name != "gone",
            Interval = TimeSpan.FromSeconds(10),
            Now = s_now,
        };

    private static V1Alpha1McpTapReport Report(string node, long captured) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = $"mcp.{node}", Uid = "uid-" + node },
            Spec = new V1Alpha1McpTapReportSpec { Tap = "mcp", Node = node },
            Status = new V1Alpha1McpTapReportStatus
            {
                Phase = NodePhase.Running,
                Packets = new() { Captured = captured },
                LastReportTime = s_now,
            },
        };

    private StatusWriter Writer(LoopbackApi api)
    {
        var metrics = new OperatorMetrics();
        var events = new TapEvents(
            new EventRecorder(api.Kubernetes, NullLogger<EventRecorder>.Instance),
            new EventBudget(metrics, _clock),
            NullLogger<TapEvents>.Instance
        );
        return new StatusWriter(
            new ResourceClient<V1Alpha1McpTap>(api.Kubernetes, "ocx-operator"),
            events,
            metrics,
            _clock
        );
    }

    private async Task<long> PassAsync(
        StatusWriter writer,
        V1Alpha1McpTap cached,
        IReadOnlyList<V1Alpha1McpTapReport> reports
    )
    {
        _clock.Now += TimeSpan.FromSeconds(10);
        var tap = writer.Newest(cached);
        var built = StatusBuilder.Build(Seen(tap, reports));
        Assert.Null(await writer.WriteAsync(tap, built, Token));
        return built.Status.Packets.Captured;
    }

    /// <summary>
    /// One tap, and the rule of API servers that a write which names a version must be based on the present one.
    /// </summary>
    private sealed class TapServer
    {
        private readonly List<V1Alpha1McpTap> _versions =
        [
            new()
            {
                Metadata = new V1ObjectMeta
                {
                    Name = "mcp",
                    Uid = "tap",
                    Generation = 1,
                    ResourceVersion = "1",
                },
            },
        ];

        public int Refused { get; private set; }

        public V1Alpha1McpTap Present() => Copy(_versions[^1]);

        public V1Alpha1McpTap At(string version) => Copy(_versions.Single(tap => tap.ResourceVersion() == version));

        public async Task AnswerAsync(HttpContext context)
        {
            context.Response.ContentType = "application/json";
            var body = await JsonNode.ParseAsync(context.Request.Body);
            if (!context.Request.Path.Value!.EndsWith("/mcptaps/mcp/status", StringComparison.Ordinal))
            {
                await context.Response.WriteAsync(body!.ToJsonString());
                return;
            }

            var wanted = KubernetesJson.Deserialize<V1Alpha1McpTap>(body!);
            if (wanted.ResourceVersion() is { } version && version != _versions[^1].ResourceVersion())
            {
                Refused++;
                context.Response.StatusCode = (int)HttpStatusCode.Conflict;
                await context.Response.WriteAsync(
                    """{"kind":"Status","code":409,"message":"the object has been modified"}"""
                );
                return;
            }

            var next = Copy(_versions[^1]);
            next.Metadata.ResourceVersion = $"{_versions.Count + 1}";
            next.Status = wanted.Status;
            _versions.Add(next);
            await context.Response.WriteAsync(KubernetesJson.Serialize(next));
        }

        private static V1Alpha1McpTap Copy(V1Alpha1McpTap tap) =>
            KubernetesJson.Deserialize<V1Alpha1McpTap>(KubernetesJson.Serialize(tap));
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
