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
    TimeProvider time)
{
    public TapObservation Observe(V1Alpha1McpTap tap, string? applyError)
    {
        var desired = daemonSets.All.Sum(set => set.Status?.DesiredNumberScheduled ?? 0);
        return new TapObservation
        {
            Tap = tap,
            DaemonSet = daemonSets.Find(AgentNames.Of(tap.Name())),
            Reports = [.. reports.All.Where(report => report.Spec.Tap == tap.Name())],
            NodeExists = name => nodes.Find(name) is not null,
            Conflicts = [.. taps.All.Where(other => Conflict(tap, other)).Select(other => other.Name()).Order(StringComparer.Ordinal)],
            ApplyError = applyError,
            Interval = ReportInterval.Of(tap, Math.Max(desired, reports.Count)),
            Now = WholeSeconds(time.GetUtcNow().UtcDateTime),
        };
    }

    private static bool Conflict(V1Alpha1McpTap tap, V1Alpha1McpTap other) =>
        tap.Name() != other.Name()
        && !tap.Spec.Suspend && !other.Spec.Suspend
        && (tap.Spec.Interface == other.Spec.Interface || tap.Spec.Interface == "any" || other.Spec.Interface == "any")
        && Ports(tap).Intersect(Ports(other)).Any();

    private static IEnumerable<int> Ports(V1Alpha1McpTap tap) => (tap.Spec.AdditionalPorts ?? []).Prepend(tap.Spec.Port);

    private static DateTime WholeSeconds(DateTime now) => new(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
}
