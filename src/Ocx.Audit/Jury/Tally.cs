namespace Ocx.Audit.Jury;

/// <summary>The votes so far, and what they decide: the tables of <see cref="Quorum"/>.</summary>
internal readonly record struct Tally(int Release, int Hold, int Refuse)
{
    public int Votes => Release + Hold + Refuse;

    /// <summary>With one vote more; an abstention is none.</summary>
    public Tally With(Ballot ballot, int times = 1) =>
        ballot switch
        {
            Ballot.Release => this with { Release = Release + times },
            Ballot.Hold => this with { Hold = Hold + times },
            Ballot.Refuse => this with { Refuse = Refuse + times },
            _ => this,
        };

    /// <summary>
    /// What these votes decide when <paramref name="pending"/> more may come: null as long as those can still change
    /// it, and where there is no vote at all.
    /// </summary>
    public Outcome? Decide(Quorum quorum, int pending = 0) =>
        Votes == 0 ? null
        : IsRefused(quorum, pending) ? Outcome.Refused
        : IsReleased(quorum, pending) ? Outcome.Released
        : IsHeld(quorum, pending) ? Outcome.Held
        : null;

    private bool IsRefused(Quorum quorum, int pending) =>
        quorum switch
        {
            Quorum.AnyRefuses => Refuse > 0,
            Quorum.Majority => 2 * Refuse > Votes + pending,
            _ => Refuse == Votes && pending == 0,
        };

    private bool IsReleased(Quorum quorum, int pending) =>
        quorum switch
        {
            Quorum.Majority => 2 * Release > Votes + pending,
            _ => Release == Votes && pending == 0,
        };

    // Neither side can get its quorum any more, whatever the others say.
    private bool IsHeld(Quorum quorum, int pending) =>
        quorum switch
        {
            Quorum.AnyRefuses => pending == 0,
            Quorum.Majority => (2 * Refuse) + pending <= Votes && (2 * Release) + pending <= Votes,
            _ => Refuse != Votes && Release != Votes,
        };
}
