using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Rehearsing;
using Prometheus;

namespace Ocx.Auditor.Deciding;

/// <summary>Shows how shadows and clones stand, of the audits that judge when it is looked at.</summary>
internal sealed class ShadowMetrics
{
    private readonly AuditSet _audits;
    private readonly Gauge _warm;
    private readonly Gauge _ready;
    private readonly Gauge _lag;
    private readonly Lock _lock = new();

    public ShadowMetrics(AuditSet audits, CollectorRegistry registry)
    {
        _audits = audits;
        MetricFactory factory = Metrics.WithCustomRegistry(registry);
        _warm = factory.CreateGauge(
            "ocx_auditor_shadows_warm",
            "Shadow servers that wait ready for a rehearsal.",
            ["namespace", "audit"]
        );
        _ready = factory.CreateGauge(
            "ocx_auditor_clones_ready",
            "Clones of a source that can be taken.",
            ["namespace", "audit", "source"]
        );
        _lag = factory.CreateGauge(
            "ocx_auditor_clone_lag_seconds",
            "How far the clone of a source furthest behind is behind it.",
            ["namespace", "audit", "source"]
        );
        registry.AddBeforeCollectCallback(Look);
    }

    private void Look()
    {
        lock (_lock)
        {
            Gauge[] all = [_warm, _ready, _lag];
            foreach (Gauge gauge in all)
            {
                foreach (string[] labels in gauge.GetAllLabelValues().ToList())
                {
                    gauge.RemoveLabelled(labels);
                }
            }

            foreach (ActiveAudit audit in _audits.Current)
            {
                if (audit.Rehearsal?.Sight is { } sight)
                {
                    Set(audit.Reference, sight);
                }
            }
        }
    }

    private void Set(AuditReference audit, ShadowSight sight)
    {
        _warm.WithLabels(audit.Namespace, audit.Name).Set(sight.Warm);
        foreach (CloneSight clone in sight.Clones)
        {
            _ready.WithLabels(audit.Namespace, audit.Name, clone.Source).Set(clone.Ready);
            _lag.WithLabels(audit.Namespace, audit.Name, clone.Source).Set(clone.Lag.TotalSeconds);
        }
    }
}
