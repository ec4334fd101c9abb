using System.Globalization;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;

namespace Ocx.Operator.Controllers;

/// <summary>
/// Records in an audit's namespace that calls were refused, as the auditor's counts say: of an audit once a minute at
/// most, with how many there were. In mode Observe nothing is refused.
/// </summary>
internal sealed class RefusalEvents(
    EventRecorder recorder,
    EventBudget budget,
    OperatorOptions options,
    TimeProvider time
)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Told> _told = [];

    /// <summary>Records what is new.</summary>
    /// <returns>When to look again; null when all is told.</returns>
    public async Task<TimeSpan?> RecordAsync(V1Alpha1McpAudit audit, CancellationToken cancellationToken)
    {
        var key = $"{audit.Namespace()}/{audit.Name()}";
        if (audit.Spec.Mode != AuditMode.Enforce || audit.Status?.Calls is not { } calls)
        {
            _told.Remove(key);
            return null;
        }

        // What was refused before this operator led is told; and an audit that is made anew counts anew.
        if (!_told.TryGetValue(key, out var told) || told.Uid != audit.Uid() || calls.Refused < told.Refused)
        {
            _told[key] = new(audit.Uid(), calls.Refused, null);
            return null;
        }

        if (calls.Refused == told.Refused)
        {
            return null;
        }

        if (told.At is { } at && time.GetElapsedTime(at) is var elapsed && elapsed < s_interval)
        {
            return s_interval - elapsed;
        }

        if (!budget.MayTellOf(audit))
        {
            return s_interval;
        }

        _told[key] = told with { Refused = calls.Refused, At = time.GetTimestamp() };
        var count = calls.Refused - told.Refused;
        await recorder.RecordAsync(
            audit,
            "Warning",
            "Refused",
            string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "call was" : "calls were")} refused. ")
                + $"The ledger says why: kubectl --namespace {options.Namespace} exec "
                + $"statefulset/{AuditorNames.Auditor} -- ocx audit list",
            cancellationToken
        );
        return null;
    }

    /// <summary>The audit is gone.</summary>
    /// <param name="key">Its namespace, a slash and its name.</param>
    public void Forget(string key) => _told.Remove(key);

    private sealed record Told(string Uid, long Refused, long? At);
}
