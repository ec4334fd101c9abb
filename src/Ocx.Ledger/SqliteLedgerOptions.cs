namespace Ocx.Ledger;

/// <summary>How a ledger in a file is kept.</summary>
public sealed record SqliteLedgerOptions : LedgerOptions
{
    /// <summary>The file; it is made, for its owner alone, when it is not there.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Names the writer in a new chain's name (which has a random part too), <c>auditor-0</c>; at most 40 characters
    /// of ASCII, no spaces.
    /// </summary>
    public string Writer { get; init; } = "ledger";
}
