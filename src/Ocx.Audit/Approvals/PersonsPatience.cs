using System.Globalization;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Audit.Approvals;

/// <summary>Has a call that is held wait for a person's word, as long as it may.</summary>
/// <param name="word">Asks for the word.</param>
/// <param name="news">Tells when there may be one.</param>
/// <param name="time">The clock.</param>
public sealed class PersonsPatience(PersonsWord word, ApprovalNews news, TimeProvider time)
{
    // An approval that cannot be kept now may be in a moment: the API server is away.
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1),
        s_lastLook = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits.</summary>
    /// <param name="rules">How the audit asks.</param>
    /// <param name="held">The call, and the verdict of its jury, which holds it.</param>
    /// <param name="terms">How long it waits, and what becomes of it then.</param>
    /// <param name="gone">Ends when nobody waits for the call any more: no word is used up for it then.</param>
    /// <param name="asked">Is told once of the question, when the word is not there already.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What is to be recorded: released, refused or expired; and the question.</returns>
    public async Task<PersonsAnswer> WaitAsync(
        PersonRules rules,
        LedgerEntry held,
        WaitTerms terms,
        Task gone,
        Action<Approval> asked,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(gone);
        ArgumentNullException.ThrowIfNull(asked);
        long began = time.GetTimestamp();
        string binding = ApprovalBinding.Of(held.Audit, rules.Policy, held.Intent)?.Digest() ?? string.Empty;
        using ApprovalNews.Reader reader = news.Of(binding);
        bool isTold = false;
        while (true)
        {
            // The last look is one at the end: who decided in time is heard.
            TimeSpan left = terms.Patience - time.GetElapsedTime(began);
            Task next = reader.Next;
            PersonsAnswer answer = await word.ApplyAsync(
                    rules,
                    held,
                    began,
                    left > s_lastLook ? left : s_lastLook,
                    cancellation
                )
                .ConfigureAwait(false);
            if (answer.Entry.Verdict.Outcome != Outcome.Held)
            {
                return answer;
            }

            if (left <= TimeSpan.Zero || answer.Problem is AskProblem.NoDigest or AskProblem.Full)
            {
                return Expired(answer, terms);
            }

            if (answer.Approval is { } approval && !isTold)
            {
                isTold = true;
                asked(approval);
            }

            TimeSpan most = answer.Problem is null || left < s_again ? left : s_again;
            await AnyAsync(next, gone, most, cancellation).ConfigureAwait(false);
            if (gone.IsCompleted)
            {
                return Gone(answer, held.Verdict.Took + time.GetElapsedTime(began));
            }
        }
    }

    private async Task AnyAsync(Task next, Task gone, TimeSpan most, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await Task.WhenAny(next, gone, Task.Delay(most, time, over.Token)).ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
        }

        cancellation.ThrowIfCancellationRequested();
    }

    private static PersonsAnswer Expired(PersonsAnswer answer, WaitTerms terms)
    {
        string seconds = terms.Longest.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        string means = terms.Passes ? ", which counts as release" : string.Empty;
        string within = answer.Problem is null ? $"not decided within {seconds} s{means}: " : string.Empty;
        return With(answer, $"{within}{answer.Entry.Verdict.Reason}", terms.Passes);
    }

    private PersonsAnswer Gone(PersonsAnswer answer, TimeSpan took)
    {
        Verdict verdict = answer.Entry.Verdict;
        LedgerEntry late = answer.Entry with { Time = time.GetUtcNow(), Verdict = verdict with { Took = took } };
        return With(answer with { Entry = late }, $"its hold has ended without a verdict: {verdict.Reason}", false);
    }

    private static PersonsAnswer With(PersonsAnswer answer, string reason, bool passes) =>
        answer with
        {
            Entry = answer.Entry with
            {
                Verdict = answer.Entry.Verdict with
                {
                    Outcome = Outcome.Expired,
                    Reason = Reasons.Bound(reason),
                    Passed = passes,
                },
            },
        };
}

/// <summary>How long a call waits for a person.</summary>
/// <param name="Patience">How long from now.</param>
/// <param name="Longest">How long such calls are held at most, to be said.</param>
/// <param name="Passes">A call that nobody decided on has its way then.</param>
public readonly record struct WaitTerms(TimeSpan Patience, TimeSpan Longest, bool Passes);
