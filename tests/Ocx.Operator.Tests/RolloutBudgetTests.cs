using Ocx.Operator.Controllers;
using Ocx.Operator.Resources;

namespace Ocx.Operator.Tests;

public sealed class RolloutBudgetTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void Audits_that_come_and_go_without_end_roll_agents_out_a_few_times_and_then_once_in_five_minutes()
    {
        var budget = new RolloutBudget(_clock);
        Assert.Null(budget.Of("mcp", null));
        var (changes, last) = (0, (AgentAuditing?)null);
        for (var second = 0; second < 3600; second++)
        {
            var given = budget.Of("mcp", second % 2 == 0 ? Auditing("tools/call") : null);
            changes += given == last ? 0 : 1;
            last = given;
            _clock.Now += TimeSpan.FromSeconds(1);
        }

        Assert.InRange(changes, RolloutBudget.AtOnce, RolloutBudget.AtOnce + 12);
    }

    [Fact]
    public void What_is_wanted_at_the_end_is_given_at_the_end_and_other_taps_do_not_wait()
    {
        var budget = new RolloutBudget(_clock);
        for (var number = 0; number < 50; number++)
        {
            budget.Of("mcp", Auditing($"tools/call,m/{number}"));
        }

        Assert.NotEqual(Auditing("tools/call"), budget.Of("mcp", Auditing("tools/call")));
        Assert.Null(budget.Of("other", null));
        Assert.Equal(Auditing("tools/call"), budget.Of("other", Auditing("tools/call")));

        _clock.Now += RolloutBudget.Refill;
        Assert.Equal(Auditing("tools/call"), budget.Of("mcp", Auditing("tools/call")));
    }

    private static AgentAuditing Auditing(string methods) => new(new("https://10.0.0.7:9443", null), methods);

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
