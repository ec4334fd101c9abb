using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Jury;

/// <summary>What became of a call.</summary>
public enum Outcome
{
    /// <summary>It has its way.</summary>
    Released,

    /// <summary>It is refused.</summary>
    Refused,

    /// <summary>A person has to decide, and has not yet.</summary>
    Held,

    /// <summary>Nobody decided in time. That refuses it, unless <see cref="Verdict.Passed"/> is set.</summary>
    Expired,
}

/// <summary>One juror's part in a verdict.</summary>
/// <param name="Juror">Its name.</param>
/// <param name="Vote">What it said; where it failed, what the audit makes of that.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Failure">Why it did not vote itself: <c>timeout</c>, or what went wrong; null where it voted.</param>
public sealed record JurorVote(string Juror, Vote Vote, TimeSpan Took, string? Failure = null);

/// <summary>The end of a jury's work.</summary>
/// <param name="Outcome">What becomes of the call.</param>
/// <param name="Reason">Why, in one sentence: that of the votes that decided.</param>
/// <param name="Votes">All votes, in the audit's order.</param>
/// <param name="Took">From the question to the verdict.</param>
public sealed record Verdict(Outcome Outcome, string Reason, IReadOnlyList<JurorVote> Votes, TimeSpan Took)
{
    /// <summary>It expired while it was held, and the audit says that such a call has its way.</summary>
    public bool Passed { get; init; }

    /// <summary>What its rehearsal showed, redacted; null of a call that was not to be rehearsed.</summary>
    public RehearsalEvidence? Evidence { get; init; }

    /// <summary>Does the call have its way?</summary>
    public bool Releases => Outcome == Outcome.Released || (Outcome == Outcome.Expired && Passed);
}
