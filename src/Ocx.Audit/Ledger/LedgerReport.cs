namespace Ocx.Audit.Ledger;

/// <summary>What is wrong at a place of a ledger.</summary>
public enum LedgerProblemKind
{
    /// <summary>A line is none of a ledger's.</summary>
    Unreadable,

    /// <summary>A record is not the one that was written.</summary>
    Changed,

    /// <summary>Records are not there.</summary>
    Removed,

    /// <summary>A record stands in another place.</summary>
    Reordered,

    /// <summary>A record stands where none was: its number is taken, or was dropped.</summary>
    Inserted,

    /// <summary>The end is not there: a signed head tells of later records.</summary>
    Cut,

    /// <summary>A signature is wrong.</summary>
    BadSignature,

    /// <summary>The key of a signature is not one that is trusted, or no longer.</summary>
    UnknownKey,

    /// <summary>A signed head tells of another record than stands there: what is before it was written anew.</summary>
    HeadDisagrees,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Chain">The chain; empty when the line does not tell.</param>
/// <param name="First">The first record concerned; 0 when that is not known.</param>
/// <param name="Last">The last record concerned.</param>
/// <param name="Line">The line at which it showed, from 1; 0 at the end.</param>
/// <param name="Text">What it is, in one sentence.</param>
public sealed record LedgerProblem(LedgerProblemKind Kind, string Chain, long First, long Last, long Line, string Text);

/// <summary>One chain of a ledger.</summary>
/// <param name="Chain">Its name.</param>
/// <param name="Records">Records read.</param>
/// <param name="Dropped">Records that a signed stub stands for.</param>
/// <param name="Last">The last record's number.</param>
/// <param name="SignedThrough">
/// The last record that a trusted signature covers. Whoever could write the file can have forged those behind it.
/// </param>
public sealed record LedgerChainReport(string Chain, long Records, long Dropped, long Last, long SignedThrough);

/// <summary>What a ledger's verification found.</summary>
/// <param name="Lines">Lines read.</param>
/// <param name="Chains">The chains, in the order in which they appeared.</param>
/// <param name="Problems">What is wrong, in the order in which it was found; the first thousand of it.</param>
/// <param name="ProblemCount">How much is wrong.</param>
public sealed record LedgerReport(
    long Lines,
    IReadOnlyList<LedgerChainReport> Chains,
    IReadOnlyList<LedgerProblem> Problems,
    long ProblemCount
)
{
    /// <summary>True when nothing is wrong.</summary>
    public bool IsWhole => ProblemCount == 0;
}
