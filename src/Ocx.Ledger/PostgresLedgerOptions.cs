namespace Ocx.Ledger;

/// <summary>How a ledger in PostgreSQL is kept.</summary>
public sealed record PostgresLedgerOptions : LedgerOptions
{
    /// <summary>
    /// Gives the connection string, as Npgsql has it. Asked for each connection that is made, so that a password may
    /// change. The database is reached directly, or through a pooler that pools sessions: a lock belongs to one.
    /// </summary>
    public required Func<string> ConnectionString { get; init; }

    /// <summary>
    /// Names this replica's chain: the same after a restart, and no other replica's at a time. At most 64 characters
    /// of ASCII, no spaces.
    /// </summary>
    public required string Replica { get; init; }
}
