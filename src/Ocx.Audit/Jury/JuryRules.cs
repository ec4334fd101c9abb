using Ocx.Audit.Intents;

namespace Ocx.Audit.Jury;

/// <summary>Who decides on calls, and how: a part of an audit.</summary>
public sealed record JuryRules
{
    /// <summary>How many jurors a jury has at most.</summary>
    public const int MaxSeats = 32;

    /// <summary>The longest limit or deadline.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);

    /// <summary>The jurors, in the audit's order; each name once.</summary>
    public required IReadOnlyList<Seat> Seats { get; init; }

    /// <summary>How many votes it takes.</summary>
    public required Quorum Quorum { get; init; }

    /// <summary>How long the whole may take; more than nothing, at most a day.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>
    /// What the deadline means for a call that is not decided by then. <see cref="Ballot.Refuse"/>: it is
    /// <see cref="Outcome.Expired"/>. <see cref="Ballot.Release"/>: each juror who has not voted is taken to release,
    /// and the quorum decides: votes that were cast against the call are not forgotten.
    /// </summary>
    public required Ballot OnDeadline { get; init; }

    /// <summary>
    /// What becomes of a call on which nobody votes, since all abstain or fail as abstaining:
    /// <see cref="Ballot.Release"/>, <see cref="Ballot.Hold"/> or <see cref="Ballot.Refuse"/>. Null, the default, goes
    /// by the call's class: what can be taken back is released, for the damage is bounded and most calls concern no
    /// juror; for what cannot, silence is no consent, and a person looks.
    /// </summary>
    public Ballot? OnNoVotes { get; init; }

    internal Outcome WithoutVotes(CallClass of) =>
        (OnNoVotes ?? (of == CallClass.Reversible ? Ballot.Release : Ballot.Hold)) switch
        {
            Ballot.Release => Outcome.Released,
            Ballot.Refuse => Outcome.Refused,
            _ => Outcome.Held,
        };

    /// <summary>Throws what is wrong with them.</summary>
    /// <exception cref="ArgumentException">In words for whoever wrote the audit.</exception>
    internal void Check()
    {
        Require(Enum.IsDefined(Quorum), "unknown quorum");
        Require(IsTime(Deadline), "the deadline must be more than nothing and at most a day");
        Require(OnDeadline is Ballot.Refuse or Ballot.Release, "a deadline refuses or releases");
        Require(
            OnNoVotes is null or Ballot.Release or Ballot.Hold or Ballot.Refuse,
            "a call without votes is released, held or refused"
        );
        Require(Seats.Count <= MaxSeats, $"a jury has at most {MaxSeats} jurors");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Seat seat in Seats)
        {
            string name = seat.Juror.Name;
            Require(names.Add(name), $"juror {name} stands there twice");
            Require(name != CallRehearsal.Juror, $"a juror cannot be named {name}: that is the rehearsal's own vote");
            Require(IsTime(seat.TimeLimit), $"juror {name}: its limit must be more than nothing and at most a day");
            Require(
                seat.OnFailure is Ballot.Abstain or Ballot.Refuse or Ballot.Hold,
                $"juror {name}: when it fails it abstains, refuses or holds"
            );
            Require(seat.MaxUnderWay > 0, $"juror {name}: at least one call must be allowed");
        }
    }

    private static bool IsTime(TimeSpan time) => time > TimeSpan.Zero && time <= MaxTime;

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
