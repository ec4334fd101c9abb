using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;

namespace Ocx.Operator.Controllers;

/// <summary>Collects from the informers what an McpTap's status is made from.</summary>
internal sealed class TapObserver(
    Informer<V1Alpha1McpTap> taps,
    Informer<V1DaemonSet> daemonSets,
    Informer<V1Alpha1McpTapReport> reports,
    Informer<NodeMetadata> nodes,
    Informer<AgentPod> pods,
    MissingPods missing,
    TapPorts ports,
    OperatorOptions options,
    TimeProvider time
)
{
    /// <summary>The time, as statuses have it.</summary>
    public DateTime Now => StatusTime.Of(time);

    public async Task<TapObservation> ObserveAsync(
        V1Alpha1McpTap tap,
        TapProblem? problem,
        CancellationToken cancellationToken
    )
    {
        var set = daemonSets.Find(AgentNames.Of(tap.Name()));
        AgentPod[] own = [.. pods.All.Where(pod => pod.GetLabel(OcxApi.TapLabel) == tap.Name())];
        var desired = daemonSets.All.Sum(set => set.Status?.DesiredNumberScheduled ?? 0);
        var taken = reports
            .AllKnown.Where(known => known.Entity.Spec?.Tap == tap.Name())
            .Select(known => ReportIntake.Take(known.Entity, known.ReceivedAt))
            .ToList();

        // Agents report on nodes, and for taps, that there are: whoever invents reports does not slow the others' down.
        var reporting = Math.Min(reports.Count, taps.Count * nodes.Count);
        return new TapObservation
        {
            Tap = tap,
            DaemonSet = set,
            Pods = own,
            CreateFailure = await missing.ReasonAsync(tap.Name(), set, own, cancellationToken),
            Namespace = options.Namespace,
            Reports = [.. taken.Where(each => each.Taken is not null).Select(each => each.Taken!)],
            Ignored = [.. taken.Where(each => each.Ignored is not null).Select(each => each.Ignored!)],
            NodeExists = nodes.Exists,
            Conflicts = ports.Conflicts(tap.Name()),
            Problem = problem,
            Interval = ReportInterval.Of(IntervalOf(tap, set, problem), Math.Max(desired, reporting)),
            Now = Now,
        };
    }

    // Agents keep to the last spec that could be used.
    private static string IntervalOf(V1Alpha1McpTap tap, V1DaemonSet? set, TapProblem? problem) =>
        problem is null ? tap.Spec.ReportInterval
        : AgentDaemonSet.ReportIntervalOf(set) is { } given && ApiDuration.IsOne(given) ? given
        : new V1Alpha1McpTapSpec().ReportInterval;
}
