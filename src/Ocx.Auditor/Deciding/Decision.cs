using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Auditor.Deciding;

/// <summary>What becomes of a call that a gate holds.</summary>
/// <param name="Releases">It has its way.</param>
internal sealed record Decision(bool Releases)
{
    /// <summary>Of a call that is no audit's to hold.</summary>
    public static readonly Decision NotHeld = new(true);

    /// <summary>The audit that judged; null when none did.</summary>
    public AuditReference? Audit { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>Nobody decided in time.</summary>
    public bool Expired { get; init; }

    /// <summary>The revert token of a call that has run, and whose result is withheld; null for any other.</summary>
    public string? RevertToken { get; init; }

    /// <summary>The approval that was asked for, of a call that a person did not release; null for any other.</summary>
    public string? Approval { get; init; }

    /// <summary>What a record says.</summary>
    public static Decision Of(LedgerEntry entry) =>
        new(entry.Verdict.Releases)
        {
            Audit = entry.Audit,
            Reason = entry.Verdict.Reason,
            Expired = entry.Verdict.Outcome == Outcome.Expired,
        };
}
