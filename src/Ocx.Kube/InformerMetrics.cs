using Prometheus;

namespace Ocx.Kube;

/// <summary>What informers count. No label holds anything of an object.</summary>
/// <param name="factory">Where the metrics are shown.</param>
/// <param name="program">What their names begin with, <c>ocx_operator</c>.</param>
public sealed class InformerMetrics(IMetricFactory factory, string program)
{
    /// <summary>Watches that were started again.</summary>
    public Counter WatchRestarts { get; } =
        factory.CreateCounter($"{program}_watch_restarts_total", "Watches that were started again.", ["kind"]);

    /// <summary>Objects that could not be read.</summary>
    public Counter UnreadableObjects { get; } =
        factory.CreateCounter(
            $"{program}_unreadable_objects_total",
            "Objects of the API server that could not be read and were skipped.",
            ["kind"]
        );
}
