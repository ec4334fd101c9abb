using System.Text;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Ledger;

/// <summary>What a ledger keeps of one audited call.</summary>
public sealed record LedgerEntry
{
    /// <summary>When the verdict was found.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The audit that judged.</summary>
    public required AuditReference Audit { get; init; }

    /// <summary>
    /// The mode in which it was judged: <c>Enforce</c> when it was held until the verdict, <c>Observe</c> when not.
    /// </summary>
    public required string Mode { get; init; }

    /// <summary>What the call wanted, redacted.</summary>
    public required Intent Intent { get; init; }

    /// <summary>What was decided, by whom and why.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What its rehearsal showed; null of a call that was not to be rehearsed.</summary>
    public RehearsalSummary? Rehearsal { get; init; }

    /// <summary>The public part of the call's revert token, never the token itself; null when it has none.</summary>
    public string? RevertTokenId { get; init; }

    /// <summary>What became of the call; null when that was not known when the record was made.</summary>
    public CallResult? Result { get; init; }

    /// <summary>
    /// How the call is taken back; null when its audit declares no way, and kept only with a revert token.
    /// </summary>
    public RevertPlan? Plan { get; init; }

    /// <summary>What was taken back, when this is the record of a revert; null of an audited call.</summary>
    public RevertAct? Reverts { get; init; }

    /// <summary>A call with no more of its arguments than its record has: others let go of the rest.</summary>
    public static Intent Kept(Intent intent)
    {
        ArgumentNullException.ThrowIfNull(intent);
        if (intent.Arguments.Length <= LedgerLimits.Arguments)
        {
            return intent;
        }

        (string arguments, bool whole) = LedgerArguments.Cut(intent.Arguments.Span);
        return intent with
        {
            Arguments = Encoding.UTF8.GetBytes(arguments),
            ArgumentsComplete = whole && intent.ArgumentsComplete,
        };
    }
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
