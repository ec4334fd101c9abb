using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>How a ledger is kept.</summary>
public sealed record SqliteLedgerOptions
{
    /// <summary>The file; it is made, for its owner alone, when it is not there.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Names the writer in a new chain's name (which has a random part too), <c>auditor-0</c>; at most 40 characters
    /// of ASCII, no spaces.
    /// </summary>
    public string Writer { get; init; } = "ledger";

    /// <summary>The key that signs; it stays the caller's, and must live as long as the ledger.</summary>
    public required LedgerSigningKey Key { get; init; }

    /// <summary>The key that signed until now, when <see cref="Key"/> is to take its place.</summary>
    public LedgerSigningKey? PreviousKey { get; init; }

    /// <summary>A head is signed after that many records.</summary>
    public int HeadEvery { get; init; } = 1000;

    /// <summary>A head is signed when records are that old and none was.</summary>
    public TimeSpan HeadAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Records are dropped when they are that old; null: never.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>The oldest records are dropped when the ledger holds that many bytes; null: never.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Appends that wait to be written, at most; more wait to be taken.</summary>
    public int Queue { get; init; } = 4096;
}

/// <summary>What an append came to.</summary>
/// <param name="Position">The record's number and hash.</param>
/// <param name="Existed">True when there was a record of this call already: then that one stays, and nothing was
/// written.</param>
public readonly record struct LedgerAppend(LedgerPosition Position, bool Existed);
