using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Prometheus;

namespace Ocx.Auditor.Deciding;

/// <summary>What the auditor counts. No label holds anything of a call: all come from the audits.</summary>
internal sealed class AuditorMetrics
{
    private static readonly double[] s_seconds = Histogram.ExponentialBuckets(0.0005, 2, 17);

    private readonly Counter _verdicts;
    private readonly Counter _votes;
    private readonly Counter _failures;
    private readonly Counter _notAudited;
    private readonly Counter _lost;
    private readonly Histogram _took;
    private readonly Histogram _jurors;

    public AuditorMetrics(IMetricFactory factory)
    {
        _verdicts = factory.CreateCounter(
            "ocx_auditor_verdicts_total",
            "Calls by what was decided.",
            ["namespace", "audit", "outcome"]
        );
        _votes = factory.CreateCounter("ocx_auditor_votes_total", "Votes of jurors.", ["juror", "ballot"]);
        _failures = factory.CreateCounter(
            "ocx_auditor_juror_failures_total",
            "Votes that a juror did not give itself.",
            ["juror", "reason"]
        );
        _notAudited = factory.CreateCounter("ocx_auditor_calls_not_audited_total", "Calls that no audit names.");
        _lost = factory.CreateCounter(
            "ocx_auditor_messages_lost_total",
            "Messages of agents that never came, as the agents count them.",
            ["reason"]
        );
        var histogram = new HistogramConfiguration { Buckets = s_seconds };
        _took = factory.CreateHistogram(
            "ocx_auditor_verdict_duration_seconds",
            "From a call's arrival to its record in the ledger.",
            histogram
        );
        _jurors = factory.CreateHistogram(
            "ocx_auditor_juror_duration_seconds",
            "How long jurors take.",
            ["juror"],
            histogram
        );
    }

    public void NotAudited() => _notAudited.Inc();

    public void Lost(string reason, double messages) => _lost.WithLabels(reason).Inc(messages);

    public void Judged(AuditReference audit, Verdict verdict, TimeSpan took)
    {
        _verdicts.WithLabels(audit.Namespace, audit.Name, verdict.Outcome.ToString()).Inc();
        _took.Observe(took.TotalSeconds);
        foreach (JurorVote vote in verdict.Votes)
        {
            _votes.WithLabels(vote.Juror, vote.Vote.Ballot.ToString()).Inc();
            _jurors.WithLabels(vote.Juror).Observe(vote.Took.TotalSeconds);
            if (vote.Failure is { } failure)
            {
                _failures.WithLabels(vote.Juror, Known(failure)).Inc();
            }
        }
    }

    // A failure may be the words of a juror, which are without end.
    private static string Known(string failure) =>
        failure
            is JurorFailure.Timeout
                or JurorFailure.Deadline
                or JurorFailure.Busy
                or JurorFailure.Invalid
                or JurorFailure.NotWaitedFor
            ? failure
            : "error";
}
