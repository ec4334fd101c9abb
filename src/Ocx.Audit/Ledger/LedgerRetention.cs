namespace Ocx.Audit.Ledger;

/// <summary>How long, and how much, a ledger keeps.</summary>
/// <param name="MaxAge">Records are dropped when they are that old; null: never.</param>
/// <param name="MaxBytes">The oldest records are dropped when the ledger holds that many bytes; null: never.</param>
public sealed record LedgerRetention(TimeSpan? MaxAge = null, long? MaxBytes = null)
{
    /// <summary>Nothing is dropped.</summary>
    public static LedgerRetention Forever { get; } = new();

    /// <summary>What keeps all that any of several wants kept; of none: everything.</summary>
    public static LedgerRetention Widest(IEnumerable<LedgerRetention> retentions)
    {
        LedgerRetention[] all = [.. retentions];
        return new(
            all.Any(each => each.MaxAge is null) ? null : all.Max(each => each.MaxAge),
            all.Any(each => each.MaxBytes is null) ? null : all.Max(each => each.MaxBytes)
        );
    }
}
