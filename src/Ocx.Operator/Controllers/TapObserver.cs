using k8s.Models;
using Ocx.Api;
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
    TimeProvider time
)
{
    public TapObservation Observe(V1Alpha1McpTap tap, string? applyError)
    {
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
            DaemonSet = daemonSets.Find(AgentNames.Of(tap.Name())),
            Reports = [.. taken.Where(each => each.Taken is not null).Select(each => each.Taken!)],
            Ignored = [.. taken.Where(each => each.Ignored is not null).Select(each => each.Ignored!)],
            NodeExists = nodes.Exists,
            Conflicts =
            [
                .. taps
                    .All.Where(other => Conflict(tap, other))
                    .Select(other => other.Name())
                    .Order(StringComparer.Ordinal),
            ],
            ApplyError = applyError,
            Interval = ReportInterval.Of(tap, Math.Max(desired, reporting)),
            Now = WholeSeconds(time.GetUtcNow().UtcDateTime),
        };
    }

    private static bool Conflict(V1Alpha1McpTap tap, V1Alpha1McpTap other) =>
        tap.Name() != other.Name()
        && !tap.Spec.Suspend
        && !other.Spec.Suspend
        && (tap.Spec.Interface == other.Spec.Interface || tap.Spec.Interface == "any" || other.Spec.Interface == "any")
        && Ports(tap).Intersect(Ports(other)).Any();

    private static IEnumerable<int> Ports(V1Alpha1McpTap tap) =>
        (tap.Spec.AdditionalPorts ?? []).Prepend(tap.Spec.Port);

    private static DateTime WholeSeconds(DateTime now) =>
        new(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
}
