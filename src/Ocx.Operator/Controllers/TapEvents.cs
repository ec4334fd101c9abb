using Ocx.Api;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;

namespace Ocx.Operator.Controllers;

/// <summary>Records what an administrator would want to know about the step from one status to the next.</summary>
internal sealed class TapEvents(EventRecorder recorder, EventBudget budget)
{
    // A cluster in which every agent fails is one piece of news, not a thousand.
    private const int NodesNamed = 5;

    public async Task RecordChangesAsync(
        V1Alpha1McpTap tap,
        V1Alpha1McpTapStatus next,
        CancellationToken cancellationToken
    )
    {
        foreach (var condition in next.Conditions ?? [])
        {
            var before = tap.Status?.Conditions?.FirstOrDefault(present => present.Type == condition.Type);
            if (before?.Status == condition.Status && before?.Reason == condition.Reason)
            {
                continue;
            }

            var isBad =
                condition
                is { Type: TapConditions.Degraded or TapConditions.DataLoss, Status: "True" }
                    or { Type: TapConditions.ReportsAccepted, Status: "False" };
            var isNews = isBad || condition.Type == TapConditions.Ready;
            if (isNews && budget.MayTellOf(tap))
            {
                await recorder.RecordAsync(
                    tap,
                    isBad ? "Warning" : "Normal",
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
}
