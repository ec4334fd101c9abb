using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Text;

namespace Ocx.Audit.Approvals;

/// <summary>What a person decided.</summary>
public enum ApprovalDecision
{
    /// <summary>The call may have its way, once.</summary>
    Approve,

    /// <summary>It may not, as often as it comes before the approval expires.</summary>
    Refuse,
}

/// <summary>Where an approval stands.</summary>
public enum ApprovalState
{
    /// <summary>Nobody has decided.</summary>
    Pending,

    /// <summary>The next call of its binding is released.</summary>
    Approved,

    /// <summary>Each call of its binding is refused.</summary>
    Refused,

    /// <summary>A call was released by it.</summary>
    Used,

    /// <summary>Its time is over.</summary>
    Expired,
}

/// <summary>
/// The question whether a call may have its way, and a person's answer. All texts are redacted, plain and bounded: they
/// are shown as they are.
/// </summary>
public sealed record Approval
{
    /// <summary>The longest text of arguments, in characters; of longer ones the beginning is shown.</summary>
    public const int LongestArguments = 2048;

    /// <summary>The longest of who decided, and of his reason, each in characters.</summary>
    public const int LongestWord = 256;

    /// <summary>Names it; chosen by where it is kept.</summary>
    public required string Id { get; init; }

    /// <summary>What it holds for (<see cref="ApprovalBinding.Digest"/>).</summary>
    public required string Binding { get; init; }

    /// <summary>The audit that had the call held.</summary>
    public required AuditReference Audit { get; init; }

    /// <summary>The key of the call that asks.</summary>
    public required string Call { get; init; }

    /// <summary>Who called, as <see cref="ApprovalBinding.Caller"/> has it.</summary>
    public required string Caller { get; init; }

    /// <summary>Who was called.</summary>
    public required string Server { get; init; }

    /// <summary>The JSON-RPC method.</summary>
    public required string Method { get; init; }

    /// <summary>The tool.</summary>
    public string Tool { get; init; } = string.Empty;

    /// <summary>Whether what it does can be taken back.</summary>
    public required CallClass Class { get; init; }

    /// <summary>The arguments' JSON text, or its beginning.</summary>
    public string Arguments { get; init; } = string.Empty;

    /// <summary>The arguments' digest.</summary>
    public required string ArgumentsDigest { get; init; }

    /// <summary>Why it is held.</summary>
    public required string Why { get; init; }

    /// <summary>What its rehearsal showed, in one line; empty of a call that was not to be rehearsed.</summary>
    public string Rehearsal { get; init; } = string.Empty;

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>From this moment on it can neither be given nor used.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What was decided; null as long as nothing was.</summary>
    public ApprovalDecision? Decision { get; init; }

    /// <summary>Who decided.</summary>
    public string DecidedBy { get; init; } = string.Empty;

    /// <summary>When.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Why, in the person's words; may be empty.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>When a call was released by it.</summary>
    public DateTimeOffset? UsedAt { get; init; }

    /// <summary>The key of that call.</summary>
    public string UsedBy { get; init; } = string.Empty;

    /// <summary>Where it stands at a time.</summary>
    public ApprovalState State(DateTimeOffset now) =>
        UsedAt is not null ? ApprovalState.Used
        : now >= ExpiresAt ? ApprovalState.Expired
        : Decision switch
        {
            ApprovalDecision.Approve => ApprovalState.Approved,
            ApprovalDecision.Refuse => ApprovalState.Refused,
            _ => ApprovalState.Pending,
        };

    /// <summary>The question about a call that is held; its place has yet to name it.</summary>
    /// <param name="binding">What the answer will hold for.</param>
    /// <param name="entry">The call and its verdict.</param>
    /// <param name="now">The time.</param>
    /// <param name="expires">How long it can be answered and used.</param>
    public static Approval Ask(ApprovalBinding binding, LedgerEntry entry, DateTimeOffset now, TimeSpan expires)
    {
        ArgumentNullException.ThrowIfNull(binding);
        ArgumentNullException.ThrowIfNull(entry);
        (string arguments, bool whole) = LedgerArguments.Cut(entry.Intent.Arguments.Span);
        bool shown = whole && entry.Intent.ArgumentsComplete && arguments.Length <= LongestArguments;
        return new Approval
        {
            Id = string.Empty,
            Binding = binding.Digest(),
            Audit = binding.Audit,
            Call = entry.Intent.Key,
            Caller = Plain(binding.Caller),
            Server = Plain(binding.Server),
            Method = Plain(binding.Method),
            Tool = Plain(binding.Tool),
            Class = entry.Intent.Class,
            Arguments = shown ? arguments : Cut(arguments),
            ArgumentsDigest = binding.ArgumentsDigest,
            Why = WireText.Escape(entry.Verdict.Reason, LedgerLimits.Reason),
            Rehearsal = WireText.Escape(entry.Rehearsal?.ToString() ?? string.Empty, LedgerLimits.Reason),
            AskedAt = now,
            ExpiresAt = now + expires,
        };
    }

    private static string Plain(string text) => WireText.Escape(text, LedgerLimits.Name);

    private static string Cut(string arguments)
    {
        int length = Math.Min(arguments.Length, LongestArguments - 1);
        length -= length > 0 && char.IsHighSurrogate(arguments[length - 1]) ? 1 : 0;
        return string.Concat(arguments.AsSpan(0, length), WireText.Ellipsis.ToString());
    }
}
