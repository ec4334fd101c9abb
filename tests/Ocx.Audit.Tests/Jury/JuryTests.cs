using Microsoft.Extensions.Time.Testing;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;

namespace Ocx.Audit.Tests.Jury;

/// <summary>What the tests of a jury share: a clock that only they move, and a call.</summary>
public abstract class JuryTests
{
    protected static readonly Intent Call = new()
    {
        Key = "call-1",
        Time = DateTimeOffset.UnixEpoch,
        Method = "tools/call",
    };

    protected FakeTimeProvider Time { get; } = new();

    private protected JuryRules Rules { get; init; } =
        new()
        {
            Seats = [],
            Quorum = Quorum.AnyRefuses,
            Deadline = TimeSpan.FromSeconds(10),
            OnDeadline = Ballot.Refuse,
        };

    private protected static Seat Seat(IJuror juror, double seconds = 60, Ballot onFailure = Ballot.Abstain) =>
        new(juror, TimeSpan.FromSeconds(seconds), onFailure);

    private protected JuryPanel Panel(params Seat[] seats) => new(Rules with { Seats = seats }, Time);

    private protected JuryPanel Panel(JuryRules rules, params Seat[] seats) => new(rules with { Seats = seats }, Time);

    private protected static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
