using System.Globalization;
using System.Net;
using System.Text;
using Ocx.Audit.Ledger;
using Ocx.Audit.Reverts;
using Ocx.Audit.Tokens;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Pods;
using Ocx.Ledger;
using Ocx.Mcp.Redaction;
using Ocx.Text;

namespace Ocx.Auditor.Reverting;

/// <summary>Takes calls back, by their tokens.</summary>
/// <param name="ledger">Has the calls, and what was taken back of them.</param>
/// <param name="records">Keeps the records.</param>
/// <param name="keys">The keys of tokens.</param>
/// <param name="audits">Say what is masked.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">The auditor stops.</param>
internal sealed class RevertDesk(
    LedgerReader ledger,
    CallRecords records,
    RevertKeyRing keys,
    AuditSet audits,
    TimeProvider time,
    CancellationToken stopping
)
{
    private static readonly ArgumentRedaction s_credentials = new(new RedactionOptions());

    /// <summary>What a token would do, and what was done with it.</summary>
    /// <exception cref="RevertRefusedException">It is no token of a call in the ledger, or has expired.</exception>
    public async Task<RevertAnswer> LookAsync(string token, CancellationToken cancellation)
    {
        LedgerRecord record = await FindAsync(token, cancellation);
        return await WithUseAsync(Plan(record), record.Entry.RevertTokenId!, cancellation);
    }

    /// <summary>
    /// Takes the call back. The token is used up when the compensating call is about to be sent, whatever comes of it:
    /// an answer that is lost, and a failure halfway, do not tell what was done.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <param name="by">Who takes it back.</param>
    /// <param name="reason">Why, in his words.</param>
    /// <param name="cancellation">Stops it until the token is used up, and not after.</param>
    /// <exception cref="RevertRefusedException">It cannot be, or was: nothing was called now.</exception>
    public async Task<RevertAnswer> CarryOutAsync(
        string token,
        string by,
        string reason,
        CancellationToken cancellation
    )
    {
        LedgerRecord record = await FindAsync(token, cancellation);
        string id = record.Entry.RevertTokenId!;
        RevertAnswer plan = await WithUseAsync(Plan(record), id, cancellation);
        if (plan.UsedBy.Length > 0)
        {
            throw Used(plan);
        }

        if (plan.Irreversible.Length > 0)
        {
            throw new RevertRefusedException($"call {plan.Call} cannot be taken back: {plan.Irreversible}");
        }

        LedgerEntry? begun = null;
        long began = 0;
        CompensatingResult result = await CompensatingCall.RunAsync(
            new Uri(plan.Url),
            record.Entry.Plan!,
            async () =>
            {
                cancellation.ThrowIfCancellationRequested();
                began = time.GetTimestamp();
                begun = RevertRecords.Begin(record, by, reason, time.GetUtcNow());
                if (!await records.KeepRevertAsync(begun))
                {
                    throw Used(await WithUseAsync(plan, id, cancellation));
                }
            },
            stopping
        );
        LedgerEntry ended = RevertRecords.End(begun!, result.Status, time.GetElapsedTime(began), time.GetUtcNow());
        string text = result.Text;
        try
        {
            await records.KeepRevertAsync(ended);
        }
        catch (LedgerException wrong)
        {
            text = $"(the ledger did not take how it went: {wrong.Message}) {text}";
        }

        return plan with
        {
            UsedBy = by,
            UsedAt = begun!.Time,
            Status = result.Status,
            Text = Masked(record.Entry.Audit, text),
        };
    }

    private async Task<LedgerRecord> FindAsync(string token, CancellationToken cancellation)
    {
        if (!RevertToken.TryReadId(token, out string id))
        {
            throw new RevertRefusedException(
                "this is no revert token: one is ocxr1. and 80 letters, as 'ocx audit show CALL' prints it"
            );
        }

        DateTimeOffset now = time.GetUtcNow();
        if (await TokenSearch.FindAsync(ledger, id, now - (2 * RevertToken.Lifetime), cancellation) is not { } record)
        {
            throw new RevertRefusedException(
                "no call in the ledger has this token: it was altered, is another auditor's, or its record was dropped"
            );
        }

        RevertToken.TryRead(token, keys, RevertBinding.Of(record), now, out RevertTokenProblem problem);
        string? wrong = problem switch
        {
            RevertTokenProblem.None => null,
            RevertTokenProblem.UnknownKey => "the token was made with a key that is not, or no longer, in use",
            RevertTokenProblem.Expired => $"the token has expired at {Time(record.Entry.Time + RevertToken.Lifetime)}",
            _ => "the token was altered, or was never made",
        };
        return wrong is null ? record : throw new RevertRefusedException(wrong);
    }

    private static RevertAnswer Plan(LedgerRecord record)
    {
        LedgerEntry entry = record.Entry;
        var answer = new RevertAnswer { Call = entry.Intent.Key, Expires = entry.Time + RevertToken.Lifetime };
        if (entry.Plan is not { } plan)
        {
            return answer with { Irreversible = "its audit declares no call that takes it back" };
        }

        if (plan.Irreversible is { } why)
        {
            return answer with { Irreversible = why };
        }

        return PodIndex.EndOf(entry.Intent.Server.Address) is not { Port: > 0 } end
            ? answer with
            {
                Irreversible = "the server's address is not known",
            }
            : answer with
            {
                Tool = plan.Tool,
                Arguments = Encoding.UTF8.GetString(plan.Arguments.Span),
                Url = $"http://{new IPEndPoint(end.Address, end.Port)}{plan.Path}",
            };
    }

    private async Task<RevertAnswer> WithUseAsync(RevertAnswer plan, string token, CancellationToken cancellation)
    {
        if (await ledger.FindAsync(RevertRecords.BeginKey(token), cancellation) is not { } begun)
        {
            return plan;
        }

        LedgerRecord? ended = await ledger.FindAsync(RevertRecords.EndKey(token), cancellation);
        return plan with
        {
            UsedBy = begun.Entry.Reverts is { By.Length: > 0 } act ? act.By : "somebody",
            UsedAt = begun.Entry.Time,
            Status = ended?.Entry.Result?.Status ?? string.Empty,
        };
    }

    private static RevertRefusedException Used(RevertAnswer answer)
    {
        string how = answer.Status.Length > 0 ? answer.Status : "how it went is not known";
        string when = answer.UsedAt is { } at ? $" at {Time(at)}" : string.Empty;
        return new RevertRefusedException($"the token was used already, by {answer.UsedBy}{when}: {how}");
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    // What it masks of calls it masks of what is shown of their reverts.
    private string Masked(AuditReference audit, string text)
    {
        ActiveAudit? active = audits.Current.FirstOrDefault(one =>
            one.Reference.Namespace == audit.Namespace && one.Reference.Name == audit.Name
        );
        return WireText.Escape((active?.Redaction ?? s_credentials).Mask(text), RevertAnswer.LongestText);
    }
}
