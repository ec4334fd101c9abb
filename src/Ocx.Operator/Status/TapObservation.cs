using k8s.Models;
using Ocx.Api;

namespace Ocx.Operator.Status;

/// <summary>Everything that an McpTap's status is made from.</summary>
internal sealed record TapObservation
{
    /// <summary>The tap, with its present status.</summary>
    public required V1Alpha1McpTap Tap { get; init; }

    /// <summary>Its DaemonSet, once there is one.</summary>
    public V1DaemonSet? DaemonSet { get; init; }

    /// <summary>Its nodes' reports, as <see cref="ReportIntake"/> took them in.</summary>
    public IReadOnlyCollection<V1Alpha1McpTapReport> Reports { get; init; } = [];

    /// <summary>Reports that cannot be right.</summary>
    public IReadOnlyCollection<IgnoredReport> Ignored { get; init; } = [];

    /// <summary>Whether the cluster has a node.</summary>
    public Predicate<string> NodeExists { get; init; } = _ => true;

    /// <summary>Other taps on the same interface and port.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>Why the spec cannot be used, or the API server refused the tap's objects.</summary>
    public string? ApplyError { get; init; }

    /// <summary>How often agents report.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The time.</summary>
    public required DateTime Now { get; init; }
}
