using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Jury;

/// <summary>
/// The rehearsal of one call, as a jury has it: it runs beside the jurors who need none, gives the others its evidence,
/// and where it fails it votes.
/// </summary>
/// <param name="Rehearse">Rehearses, once. What it throws is a failure.</param>
/// <param name="TimeLimit">How long it may take; more than nothing.</param>
/// <param name="OnFailure">
/// The vote of a rehearsal that did not come to its end. <see cref="Ballot.Abstain"/>, <see cref="Ballot.Refuse"/> or
/// <see cref="Ballot.Hold"/>.
/// </param>
public sealed record CallRehearsal(
    Func<CancellationToken, Task<RehearsalEvidence>> Rehearse,
    TimeSpan TimeLimit,
    Ballot OnFailure
)
{
    /// <summary>The name of its vote. No juror can have it.</summary>
    public const string Juror = "rehearsal";
}
