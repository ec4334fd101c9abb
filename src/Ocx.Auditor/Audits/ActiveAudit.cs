using Ocx.Audit.Approvals;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Rehearsals;
using Ocx.Audit.Reverts;
using Ocx.Auditor.Rehearsing;

namespace Ocx.Auditor.Audits;

/// <summary>
/// An audit that is ready: which calls are its own, of what class they are, and who judges them. Once it is disposed no
/// call begins with it; those under way end with it, and then its connections are closed.
/// </summary>
/// <param name="Reference">Its namespace, name and generation.</param>
/// <param name="Scope">Which calls are its own.</param>
/// <param name="Classifier">Their class.</param>
/// <param name="Jury">Who judges.</param>
public sealed record ActiveAudit(AuditReference Reference, AuditScope Scope, Classifier Classifier, JuryPanel Jury)
    : IDisposable
{
    // The calls under way, and one more as long as the audit is not disposed.
    private int _users = 1;
    private int _disposed;

    /// <summary>How long, and how much of, the ledger it wants kept.</summary>
    public LedgerRetention Retention { get; init; } = LedgerRetention.Forever;

    /// <summary>How people are asked about calls that are held.</summary>
    public PersonRules Person { get; init; } = new(null, PersonRules.DefaultExpires, string.Empty);

    /// <summary>How its calls are held; null in mode Observe, which holds none.</summary>
    public GateTerms? Gate { get; init; }

    /// <summary>What is masked in arguments before they are judged; null for nothing more.</summary>
    public ArgumentRedaction? Redaction { get; init; }

    /// <summary>How its calls are taken back; null where it does not say.</summary>
    public Compensations? Compensations { get; init; }

    /// <summary>Has its calls rehearsed; null where none is.</summary>
    internal Rehearsal? Rehearsal { get; init; }

    /// <summary>The jurors that hold connections, to be closed with the audit.</summary>
    public IReadOnlyList<IDisposable> Connections { get; init; } = [];

    /// <summary>A call begins with it. For any thread, and without a lock.</summary>
    /// <returns>False when it is no longer in use; else <see cref="End"/> has to follow.</returns>
    public bool TryBegin()
    {
        for (int users = Volatile.Read(ref _users); users > 0 && Volatile.Read(ref _disposed) == 0; )
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>A call that began with it is over.</summary>
    public void End()
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        foreach (IDisposable connection in Connections)
        {
            connection.Dispose();
        }

        Rehearsal?.Dispose();
    }

    /// <summary>Has one of its calls judged.</summary>
    /// <param name="intent">What the call wants; its class is the audit's to say.</param>
    /// <param name="mode">Whether the call is held, as the record is to have it.</param>
    /// <param name="now">Asked for the time when there is a verdict.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What is to stand in the ledger.</returns>
    public async Task<LedgerEntry> JudgeAsync(
        Intent intent,
        string mode,
        Func<DateTimeOffset> now,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(now);
        intent = intent with { Class = Classifier.Of(intent.Tool, intent.Hints) };
        CallRehearsal? rehearsal = Rehearsal?.Of(intent, Jury.Rules.Deadline);
        intent = Redaction?.Apply(intent) ?? intent;
        Verdict verdict = await Jury.JudgeAsync(intent, rehearsal, cancellation).ConfigureAwait(false);
        RehearsalSummary? showed = verdict.Evidence is { } evidence ? RehearsalSummary.Of(evidence) : null;
        if (showed is not null)
        {
            Rehearsal!.Count(showed);
        }

        return new LedgerEntry
        {
            Time = now(),
            Audit = Reference,
            Mode = mode,
            Intent = intent,
            Verdict = verdict,
            Rehearsal = showed,
            Plan = Compensations?.Of(intent),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            End();
        }
    }
}
