namespace Ocx.Audit.Jury;

/// <summary>
/// How many votes it takes. Abstentions are no votes. With n votes, at least one:
/// <code>
///              refused when       released when      otherwise
/// Unanimous    all n refuse       all n release      held: the jury is hung, a person decides
/// Majority     more than n/2 do   more than n/2 do   held: a tie, or nobody has a majority
/// AnyRefuses   one refuses        all n release      held: somebody asked for a person, nobody refused
/// </code>
/// Without votes it is <see cref="JuryRules.OnNoVotes"/>. So a vote to hold outweighs votes to release, save where a
/// majority is what the audit asked for; and no quorum lets one vote to release outweigh one to refuse.
/// </summary>
public enum Quorum
{
    /// <summary>All who vote agree; where they do not, a person decides.</summary>
    Unanimous,

    /// <summary>More than half of those who vote agree; where they do not, a person decides.</summary>
    Majority,

    /// <summary>One refusal is enough; a release needs all who vote.</summary>
    AnyRefuses,
}
