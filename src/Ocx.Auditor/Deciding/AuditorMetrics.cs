using Ocx.Audit.Approvals;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Rehearsals;
using Ocx.Ledger;
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
    private readonly Counter _otherNode;
    private readonly Counter _unknownServer;
    private readonly Counter _keyTaken;
    private readonly Counter _toldByGate;
    private readonly Gauge _gates;
    private readonly Gauge _waiting;
    private readonly Histogram _holds;
    private readonly Counter _holdFailures;
    private readonly Counter _lost;
    private readonly Counter _notAsked;
    private readonly Counter _reverts;
    private readonly Counter _rehearsals;
    private readonly Counter _rehearsalFailures;
    private readonly Histogram _rehearsed;
    private readonly Gauge _underWay;
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
        _otherNode = factory.CreateCounter(
            "ocx_auditor_calls_of_other_nodes_total",
            "Calls told by an agent of another node than their server's, whose own agent tells of them."
        );
        _unknownServer = factory.CreateCounter(
            "ocx_auditor_calls_of_unknown_servers_total",
            "Calls of a server whose address is no pod's."
        );
        _keyTaken = factory.CreateCounter(
            "ocx_auditor_calls_with_taken_keys_total",
            "Calls whose key another call has already: an agent does not keep to the contract."
        );
        _toldByGate = factory.CreateCounter(
            "ocx_auditor_calls_told_by_gates_total",
            "Calls told by an agent that a gate holds and tells of itself."
        );
        _gates = factory.CreateGauge("ocx_auditor_gates_connected", "Gates that have their rules and hold calls.");
        _waiting = factory.CreateGauge(
            "ocx_auditor_holds_waiting",
            "Calls that a gate holds and that have no verdict yet."
        );
        _holds = factory.CreateHistogram(
            "ocx_auditor_hold_duration_seconds",
            "How long gates held calls, or their results, of those that they held.",
            ["namespace", "audit"],
            new HistogramConfiguration { Buckets = s_seconds }
        );
        _holdFailures = factory.CreateCounter(
            "ocx_auditor_hold_failures_total",
            "Calls that gates could not hold or decide, by what the failure policy made of them.",
            ["namespace", "audit", "reason", "result"]
        );
        _lost = factory.CreateCounter(
            "ocx_auditor_messages_lost_total",
            "Messages of agents that never came, as the agents count them.",
            ["reason"]
        );
        _reverts = factory.CreateCounter(
            "ocx_auditor_reverts_total",
            "Calls that took another one back, by how they went.",
            ["namespace", "audit", "result"]
        );
        _rehearsals = factory.CreateCounter(
            "ocx_auditor_rehearsals_total",
            "Calls that were to be rehearsed, by how that ended.",
            ["namespace", "audit", "outcome"]
        );
        _rehearsalFailures = factory.CreateCounter(
            "ocx_auditor_rehearsal_failures_total",
            "Rehearsals that did not come to their end.",
            ["namespace", "audit", "reason"]
        );
        _rehearsed = factory.CreateHistogram(
            "ocx_auditor_rehearsal_duration_seconds",
            "How long rehearsals took that came to their end.",
            ["namespace", "audit"],
            new HistogramConfiguration { Buckets = s_seconds }
        );
        _notAsked = factory.CreateCounter(
            "ocx_auditor_approvals_not_asked_total",
            "Held calls about which no person could be asked.",
            ["reason"]
        );
        _underWay = factory.CreateGauge(
            "ocx_auditor_calls_under_way",
            "Calls that are being judged, until their records are in the ledger."
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

    /// <summary>A call is under way until what is returned is disposed.</summary>
    public IDisposable UnderWay() => _underWay.TrackInProgress();

    public void NotAudited() => _notAudited.Inc();

    public void OtherNode() => _otherNode.Inc();

    public void UnknownServer() => _unknownServer.Inc();

    public void KeyTaken() => _keyTaken.Inc();

    /// <summary>A call waits for its verdict at a gate until what is returned is disposed.</summary>
    public IDisposable Waiting() => _waiting.TrackInProgress();

    public void Held(AuditReference audit, TimeSpan held) =>
        _holds.WithLabels(audit.Namespace, audit.Name).Observe(held.TotalSeconds);

    public void HoldFailed(AuditReference audit, HoldFailure more)
    {
        _holdFailures.WithLabels(audit.Namespace, audit.Name, more.Name, "passed").Inc(more.Passed);
        _holdFailures.WithLabels(audit.Namespace, audit.Name, more.Name, "refused").Inc(more.Refused);
    }

    public void ToldByGate() => _toldByGate.Inc();

    /// <summary>A gate is connected until what is returned is disposed.</summary>
    public IDisposable GateConnected() => _gates.TrackInProgress();

    public void Lost(string reason, double messages) => _lost.WithLabels(reason).Inc(messages);

    public void Asked(AskProblem? problem)
    {
        if (problem is { } why)
        {
            _notAsked.WithLabels(why.ToString()).Inc();
        }
    }

    public void Reverted(AuditReference audit, bool succeeded) =>
        _reverts.WithLabels(audit.Namespace, audit.Name, succeeded ? "ok" : "failed").Inc();

    public void Rehearsed(AuditReference audit, RehearsalSummary rehearsal)
    {
        _rehearsals.WithLabels(audit.Namespace, audit.Name, rehearsal.Outcome.ToString()).Inc();
        if (rehearsal.Failure is { } failure)
        {
            string reason = RehearsalFailure.KindOf(failure);
            _rehearsalFailures.WithLabels(audit.Namespace, audit.Name, reason).Inc();
        }
        else
        {
            _rehearsed.WithLabels(audit.Namespace, audit.Name).Observe(rehearsal.Took.TotalSeconds);
        }
    }

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
                _failures.WithLabels(vote.Juror, JurorFailure.KindOf(failure)).Inc();
            }
        }
    }
}
