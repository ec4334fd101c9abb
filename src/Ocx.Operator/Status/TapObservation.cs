using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Runtime;

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

    /// <summary>The agents' pods.</summary>
    public IReadOnlyCollection<AgentPod> Pods { get; init; } = [];

    /// <summary>Why the cluster makes no pods, where some are missing and it says so.</summary>
    public string? CreateFailure { get; init; }

    /// <summary>The namespace of the agents.</summary>
    public string Namespace { get; init; } = "ocx-system";

    /// <summary>Other taps on the same interface and port; not all of them where there are many.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>Why the spec is not acted upon; null when it is.</summary>
    public TapProblem? Problem { get; init; }

    /// <summary>How often agents report.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The time.</summary>
    public required DateTime Now { get; init; }
}
