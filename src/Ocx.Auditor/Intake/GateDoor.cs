using Ocx.Auditor.Deciding;

namespace Ocx.Auditor.Intake;

/// <summary>Opens the streams of gates.</summary>
internal sealed class GateDoor(
    GateInstances instances,
    GateRulesBook book,
    HoldJudge judge,
    HoldTally tally,
    ConnectedGates gates,
    GatedPods pods,
    AuditorMetrics metrics
)
{
    /// <summary>One of a gate that has said who it is.</summary>
    /// <param name="name">What its keys begin with.</param>
    /// <param name="node">Its node; empty without a cluster.</param>
    public GateStream Open(string name, string node) =>
        new(instances.Open(name, node), book, judge, tally, gates, pods, metrics);
}
