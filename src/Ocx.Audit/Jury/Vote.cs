namespace Ocx.Audit.Jury;

/// <summary>What a juror wants. The order is that of severity.</summary>
public enum Ballot
{
    /// <summary>No opinion.</summary>
    Abstain,

    /// <summary>The call may have its way.</summary>
    Release,

    /// <summary>A person should look.</summary>
    Hold,

    /// <summary>The call should be refused.</summary>
    Refuse,
}

/// <summary>A juror's word.</summary>
/// <param name="Ballot">What it wants.</param>
/// <param name="Reason">Why, in one sentence that a person understands; the jury bounds its length.</param>
public readonly record struct Vote(Ballot Ballot, string Reason)
{
    /// <summary>No opinion.</summary>
    public static Vote Abstain { get; } = new(Ballot.Abstain, string.Empty);
}
