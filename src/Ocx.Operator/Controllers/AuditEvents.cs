using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>Records in an audit's namespace that it became ready, or why it is not.</summary>
internal sealed class AuditEvents(EventRecorder recorder, EventBudget budget, ILogger<AuditEvents> logger)
{
    public async Task RecordChangeAsync(
        V1Alpha1McpAudit audit,
        V1Alpha1McpAuditStatus next,
        CancellationToken cancellationToken
    )
    {
        var ready = next.Conditions!.Single();
        var before = audit.Status?.Conditions?.FirstOrDefault(condition => condition.Type == AuditStatus.Ready);
        if ((before?.Status == ready.Status && before?.Reason == ready.Reason) || !budget.MayTellOf(audit))
        {
            return;
        }

        // Whoever applies an audit has not done anything wrong while it is read.
        var isBad = ready is { Status: "False", Reason: not AuditStatus.WaitingForAuditor };
        await recorder.RecordAsync(audit, isBad ? "Warning" : "Normal", ready.Reason, ready.Message, cancellationToken);
    }

    /// <summary>Records that an audit's status cannot be written, which no status can tell.</summary>
    public async Task RecordRefusalAsync(V1Alpha1McpAudit audit, string refusal, CancellationToken cancellationToken)
    {
        logger.StatusRefused($"{audit.Namespace()}/{audit.Name()}", refusal);
        if (budget.MayTellOf(audit))
        {
            await recorder.RecordAsync(
                audit,
                "Warning",
                "StatusRefused",
                $"The API server refuses this audit's status, so what is shown is old: {refusal}",
                cancellationToken,
                suffix: $"status-refused-{audit.Metadata.Generation ?? 0}"
            );
        }
    }
}
