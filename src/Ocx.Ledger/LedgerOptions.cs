using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>How a ledger is kept, whatever keeps it.</summary>
public abstract record LedgerOptions
{
    /// <summary>The key that signs; it stays the caller's, and must live as long as the ledger.</summary>
    public required LedgerSigningKey Key { get; init; }

    /// <summary>The key that signed until now, when <see cref="Key"/> is to take its place.</summary>
    public LedgerSigningKey? PreviousKey { get; init; }

    /// <summary>A head is signed after that many records.</summary>
    public int HeadEvery { get; init; } = 1000;

    /// <summary>A head is signed when records are that old and none was.</summary>
    public TimeSpan HeadAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long, and how much, is kept; it may be changed later: <see cref="ILedger.Retain"/>.</summary>
    public LedgerRetention Retention { get; init; } = LedgerRetention.Forever;

    /// <summary>Appends that wait to be written, at most; more wait to be taken.</summary>
    public int Queue { get; init; } = 4096;

    /// <summary>Is told what an administrator should know while the ledger goes on; by any thread.</summary>
    public Action<string> Warn { get; init; } = _ => { };
}
