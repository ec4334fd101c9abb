using System.Globalization;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Audit.Approvals;

/// <summary>How an audit asks people.</summary>
/// <param name="Juror">The name of its juror <c>person</c>; null when it has none.</param>
/// <param name="Expires">How long a person can decide, and his word be used.</param>
/// <param name="Policy">The digest of the audit's spec.</param>
public sealed record PersonRules(string? Juror, TimeSpan Expires, string Policy)
{
    /// <summary>How long, where an audit does not say.</summary>
    public static readonly TimeSpan DefaultExpires = TimeSpan.FromHours(1);
}

/// <summary>
/// What the jury holds, a person decides. His word counts last: it is asked for, and used up, only when it decides the
/// call. It turns no refusal, and a call that the others release needs none.
/// </summary>
/// <param name="approvals">Where approvals are kept.</param>
/// <param name="time">The clock.</param>
public sealed class PersonsWord(IApprovals approvals, TimeProvider time)
{
    /// <summary>The name of the vote where the audit has no juror <c>person</c>.</summary>
    public const string DefaultJuror = "person";

    /// <summary>Applies a person's word to a call that is held; any other stays as it is.</summary>
    /// <param name="rules">How the audit asks.</param>
    /// <param name="entry">The call and its verdict.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What is to be recorded, and what became of the question.</returns>
    public Task<PersonsAnswer> ApplyAsync(PersonRules rules, LedgerEntry entry, CancellationToken cancellation) =>
        ApplyAsync(rules, entry, time.GetTimestamp(), Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>
    /// The same for a call that waits for the word since a moment of the clock, and no longer for an answer than it
    /// may.
    /// </summary>
    internal async Task<PersonsAnswer> ApplyAsync(
        PersonRules rules,
        LedgerEntry entry,
        long began,
        TimeSpan most,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Verdict.Outcome != Outcome.Held)
        {
            return new(entry);
        }

        if (ApprovalBinding.Of(entry.Audit, rules.Policy, entry.Intent) is not { } binding)
        {
            return NotAsked(AskProblem.NoDigest, "not all of its arguments were seen");
        }

        using var over = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellation);
        try
        {
            Approval asked = Approval.Ask(binding, entry, time.GetUtcNow(), rules.Expires);
            ApprovalAnswer answer = await approvals.AskAsync(asked, either.Token).ConfigureAwait(false);
            return answer.Approval is { } approval
                ? new(Answered(approval), null, approval)
                : NotAsked(AskProblem.Full, answer.Full ?? "none is kept");
        }
        catch (ApprovalsException wrong)
        {
            return NotAsked(AskProblem.NotKept, wrong.Message);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return NotAsked(AskProblem.NotKept, "there is no answer in time");
        }

        LedgerEntry Answered(Approval approval) =>
            approval.Decision switch
            {
                ApprovalDecision.Approve => Decided(Outcome.Released, Ballot.Release, Said("approved", approval)),
                ApprovalDecision.Refuse => Decided(Outcome.Refused, Ballot.Refuse, Said("refused", approval)),
                _ => Waits($"approval {approval.Id} waits for a person"),
            };

        PersonsAnswer NotAsked(AskProblem problem, string why) => new(Waits($"no person can be asked: {why}"), problem);

        LedgerEntry Decided(Outcome outcome, Ballot ballot, string reason) =>
            With(outcome, ballot, reason, $"{rules.Juror ?? DefaultJuror}: {reason}");

        LedgerEntry Waits(string reason) =>
            With(Outcome.Held, Ballot.Hold, reason, $"{reason}; {entry.Verdict.Reason}");

        LedgerEntry With(Outcome outcome, Ballot ballot, string reason, string why)
        {
            TimeSpan took = entry.Verdict.Took + time.GetElapsedTime(began);
            var vote = new JurorVote(rules.Juror ?? DefaultJuror, new Vote(ballot, Reasons.Bound(reason)), took);
            JurorVote[] others = [.. entry.Verdict.Votes.Where(other => other.Juror != rules.Juror)];
            return entry with
            {
                Time = time.GetUtcNow(),
                Verdict = new Verdict(outcome, Reasons.Bound(why), [.. others, vote], took),
            };
        }
    }

    private static string Said(string decision, Approval approval)
    {
        string at = approval.DecidedAt is { } time
            ? " at " + time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : string.Empty;
        string reason = approval.Reason.Length > 0 ? $": {approval.Reason}" : string.Empty;
        return $"{decision} by {approval.DecidedBy}{at} (approval {approval.Id}){reason}";
    }
}

/// <summary>What a person says of a call.</summary>
/// <param name="Entry">The call and its verdict with his word in it.</param>
/// <param name="Problem">Why he could not be asked; null when he could.</param>
/// <param name="Approval">The question, and his answer when there is one; null where he was not asked.</param>
public readonly record struct PersonsAnswer(LedgerEntry Entry, AskProblem? Problem = null, Approval? Approval = null);

/// <summary>Why no person could be asked.</summary>
public enum AskProblem
{
    /// <summary>Not all of the arguments were seen: there is nothing that a word could be bound to.</summary>
    NoDigest,

    /// <summary>As many calls wait as may.</summary>
    Full,

    /// <summary>Approvals cannot be kept or read now.</summary>
    NotKept,
}
