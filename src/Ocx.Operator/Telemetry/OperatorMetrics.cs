using Prometheus;

namespace Ocx.Operator.Telemetry;

/// <summary>What <c>/metrics</c> shows.</summary>
internal sealed class OperatorMetrics
{
    public Gauge QueueDepth { get; } =
        Metrics.CreateGauge("ocx_operator_queue_depth", "Entities that wait to be reconciled.", "controller");

    public Histogram ReconcileSeconds { get; } =
        Metrics.CreateHistogram(
            "ocx_operator_reconcile_duration_seconds",
            "How long reconciliations take.",
            "controller"
        );

    public Counter ReconcileErrors { get; } =
        Metrics.CreateCounter("ocx_operator_reconcile_errors_total", "Reconciliations that failed.", "controller");

    public Counter EventsWithheld { get; } =
        Metrics.CreateCounter(
            "ocx_operator_events_withheld_total",
            "How often an Event was put off, or not recorded, because its node or tap had caused too many."
        );

    public Gauge Leader { get; } = Metrics.CreateGauge("ocx_operator_leader", "1 when this replica leads.");

    public Counter StatusWrites { get; } =
        Metrics.CreateCounter("ocx_operator_status_writes_total", "Writes of an McpTap's status.");

    public Gauge TapCaptured { get; } =
        Metrics.CreateGauge("ocx_tap_captured_packets", "Packets that all nodes captured.", "tap");

    public Gauge TapDropped { get; } =
        Metrics.CreateGauge("ocx_tap_dropped_packets", "Packets that all nodes lost.", "tap");

    public Gauge TapDesiredNodes { get; } =
        Metrics.CreateGauge("ocx_tap_desired_nodes", "Nodes that the tap selects.", "tap");

    public Gauge TapReadyNodes { get; } =
        Metrics.CreateGauge("ocx_tap_ready_nodes", "Nodes whose agent captures.", "tap");

    /// <summary>The tap is gone.</summary>
    public void Forget(string tap)
    {
        foreach (Gauge gauge in new[] { TapCaptured, TapDropped, TapDesiredNodes, TapReadyNodes })
        {
            gauge.RemoveLabelled(tap);
        }
    }
}
