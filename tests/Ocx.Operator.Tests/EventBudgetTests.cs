using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Controllers;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Tests;

public sealed class EventBudgetTests
{
    private readonly Clock _clock = new();
    private readonly EventBudget _budget;

    public EventBudgetTests() => _budget = new EventBudget(new OperatorMetrics(), _clock);

    private static V1Alpha1McpTap Tap(string name) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = name, Uid = name },
        };

    private static int Taken(Func<bool> take) => Enumerable.Range(0, 10_000).Count(_ => take());

    [Fact]
    public void A_node_has_25_at_once_whatever_the_tap_and_then_one_more_in_five_minutes()
    {
        Assert.Equal(25, Taken(() => _budget.MayTellOf(Tap("mcp"), "loud")));
        Assert.False(_budget.MayTellOf(Tap("other"), "loud"));
        Assert.True(_budget.MayTellOf(Tap("mcp"), "quiet"));
        _clock.Now += TimeSpan.FromMinutes(5);
        Assert.Equal(1, Taken(() => _budget.MayTellOf(Tap("mcp"), "loud")));
        _clock.Now += TimeSpan.FromDays(1);
        Assert.Equal(25, Taken(() => _budget.MayTellOf(Tap("mcp"), "loud")));
    }

    [Fact]
    public void Many_nodes_of_one_tap_have_200_together_and_leave_its_conditions_and_other_taps_theirs()
    {
        var node = 0;
        Assert.Equal(200, Taken(() => _budget.MayTellOf(Tap("mcp"), $"node-{node++}")));
        Assert.True(_budget.MayTellOf(Tap("other"), "node"));
        Assert.Equal(25, Taken(() => _budget.MayTellOf(Tap("mcp"))));
        Assert.True(_budget.MayTellOf(Tap("other")));
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
