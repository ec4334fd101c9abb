using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>Records what an administrator would want to know about the step from one status to the next.</summary>
internal sealed class TapEvents(EventRecorder recorder, EventBudget budget, ILogger<TapEvents> logger)
{
    // A cluster in which every agent fails is one piece of news, not a thousand.
    private const int NodesNamed = 5;

    public async Task RecordChangesAsync(
        V1Alpha1McpTap tap,
        V1Alpha1McpTapStatus next,
        CancellationToken cancellationToken
    )
    {
        var told = new HashSet<string>();
        foreach (var condition in (next.Conditions ?? []).OrderByDescending(IsBad))
        {
            var before = tap.Status?.Conditions?.FirstOrDefault(present => present.Type == condition.Type);
            if (before?.Status == condition.Status && before?.Reason == condition.Reason)
            {
                continue;
            }

            // One failure shows in several conditions, and is one piece of news. Of agents that fail each has its own.
            var isNews = IsBad(condition) || condition.Type == TapConditions.Ready;
            if (
                isNews
                && condition.Reason != TapConditions.AgentsFailed
                && told.Add(condition.Reason)
                && budget.MayTellOf(tap)
            )
            {
                await recorder.RecordAsync(
                    tap,
                    IsBad(condition) ? "Warning" : "Normal",
                    condition.Reason,
                    condition.Message,
                    cancellationToken
                );
            }
        }

        var known = (tap.Status?.Nodes ?? [])
            .Where(node => node.Phase == NodePhase.Failed)
            .Select(node => (node.Node, node.Message))
            .ToHashSet();
        foreach (
            var node in (next.Nodes ?? [])
                .Where(node => node.Phase == NodePhase.Failed && !known.Contains((node.Node, node.Message)))
                .Take(NodesNamed)
        )
        {
            if (budget.MayTellOf(tap, node.Node))
            {
                await recorder.RecordAsync(
                    tap,
                    "Warning",
                    "AgentFailed",
                    $"{node.Node}: {node.Message}",
                    cancellationToken
                );
            }
        }
    }

    /// <summary>Records that a tap's status cannot be written, which no status can tell.</summary>
    public async Task RecordRefusalAsync(V1Alpha1McpTap tap, string refusal, CancellationToken cancellationToken)
    {
        logger.StatusRefused(tap.Name(), refusal);
        if (budget.MayTellOf(tap))
        {
            await recorder.RecordAsync(
                tap,
                "Warning",
                "StatusRefused",
                $"The API server refuses this tap's status, so what is shown is old: {refusal}",
                cancellationToken,
                suffix: $"status-refused-{tap.Metadata.Generation ?? 0}"
            );
        }
    }

    private static bool IsBad(V1Condition condition) =>
        condition
            is { Type: TapConditions.Degraded or TapConditions.DataLoss, Status: "True" }
                or { Type: TapConditions.ReportsAccepted, Status: "False" };
}
