using Ocx.Audit.Intents;
using Ocx.Audit.Jury;

namespace Ocx.Audit.Ledger;

/// <summary>What a ledger keeps of one audited call.</summary>
public sealed record LedgerEntry
{
    /// <summary>When the verdict was found.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The audit that judged.</summary>
    public required AuditReference Audit { get; init; }

    /// <summary>The audit's mode, <c>Observe</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>What the call wanted, redacted.</summary>
    public required Intent Intent { get; init; }

    /// <summary>What was decided, by whom and why.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The public part of the call's revert token, never the token itself; null when it has none.</summary>
    public string? RevertTokenId { get; init; }

    /// <summary>What became of the call; null when that was not known when the record was made.</summary>
    public CallResult? Result { get; init; }
}

/// <summary>Names an audit as it was when it judged.</summary>
/// <param name="Namespace">Its namespace; empty without a cluster.</param>
/// <param name="Name">Its name.</param>
/// <param name="Generation">Its generation; not negative.</param>
public readonly record struct AuditReference(string Namespace, string Name, long Generation);

/// <summary>What became of a call.</summary>
/// <param name="Status"><c>ok</c>, or what went wrong in a word.</param>
/// <param name="Took">From its request to its end.</param>
public readonly record struct CallResult(string Status, TimeSpan Took);
