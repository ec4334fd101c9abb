using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Operator.Controllers;
using Ocx.Operator.Options;
using Ocx.Operator.Runtime;

namespace Ocx.Operator.Tests;

public sealed class MissingPodsTests
{
    private const string Refused = """
        {"items":[{"metadata":{"name":"a"},"involvedObject":{},"lastTimestamp":"2026-01-21T14:00:00Z","message":"old"},
                  {"metadata":{"name":"b"},"involvedObject":{},"lastTimestamp":"2026-01-21T14:10:00Z","message":"new"}]}
        """;

    private readonly Clock _clock = new();
    private int _asked;

    [Fact]
    public async Task The_newest_event_is_the_reason_once_pods_are_missing_for_a_while_and_is_not_always_asked_for()
    {
        await using var api = await ApiAsync(Refused);
        var missing = Missing(api);

        Assert.Null(await missing.ReasonAsync("mcp", Set(desired: 1), [], Token));
        Assert.True(missing.IsWaiting("mcp"));
        _clock.Now += TimeSpan.FromSeconds(3);
        Assert.Equal("new", await missing.ReasonAsync("mcp", Set(desired: 1), [], Token));
        Assert.Equal("new", await missing.ReasonAsync("mcp", Set(desired: 1), [], Token));
        Assert.Equal(1, _asked);
        Assert.False(missing.IsWaiting("mcp"));

        _clock.Now += TimeSpan.FromSeconds(10);
        await missing.ReasonAsync("mcp", Set(desired: 1), [], Token);
        Assert.Equal(2, _asked);
        Assert.Null(await missing.ReasonAsync("mcp", Set(desired: 1), [Pod("14:00:00")], Token));
    }

    [Theory]
    [InlineData("14:05:00", "new")]
    [InlineData("14:11:00", null)]
    public async Task What_was_refused_before_a_pod_could_be_made_is_no_reason_any_more(string made, string? reason)
    {
        await using var api = await ApiAsync(Refused);
        var missing = Missing(api);
        await missing.ReasonAsync("mcp", Set(desired: 2), [Pod(made)], Token);
        _clock.Now += TimeSpan.FromSeconds(3);
        Assert.Equal(reason, await missing.ReasonAsync("mcp", Set(desired: 2), [Pod(made)], Token));
    }

    [Fact]
    public async Task Without_the_right_to_read_events_there_is_no_reason_and_nothing_else_is_missing()
    {
        await using var api = await ApiAsync("""{"kind":"Status","code":403}""", StatusCodes.Status403Forbidden);
        var missing = Missing(api);
        await missing.ReasonAsync("mcp", Set(desired: 1), [], Token);
        _clock.Now += TimeSpan.FromSeconds(3);
        Assert.Null(await missing.ReasonAsync("mcp", Set(desired: 1), [], Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static V1DaemonSet Set(int desired) =>
        new() { Status = new V1DaemonSetStatus { DesiredNumberScheduled = desired } };

    private static AgentPod Pod(string made) =>
        new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = "p",
                CreationTimestamp = DateTime.Parse(
                    $"2026-01-21T{made}Z",
                    null,
                    System.Globalization.DateTimeStyles.AdjustToUniversal
                ),
            },
        };

    private MissingPods Missing(LoopbackApi api) =>
        new(api.Kubernetes, new OperatorOptions(), _clock, NullLogger<MissingPods>.Instance);

    private Task<LoopbackApi> ApiAsync(string answer, int status = StatusCodes.Status200OK) =>
        LoopbackApi.StartAsync(context =>
        {
            _asked++;
            Assert.Contains("reason%3DFailedCreate", context.Request.QueryString.Value!, StringComparison.Ordinal);
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(answer);
        });

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
