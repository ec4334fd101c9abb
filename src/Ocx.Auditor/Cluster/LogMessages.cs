namespace Ocx.Auditor.Cluster;

/// <summary>What the auditor logs in a cluster.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(LogLevel.Information, "McpAudit {Audit} judges with generation {Generation}")]
    public static partial void AuditTaken(this ILogger log, string audit, long generation);

    [LoggerMessage(LogLevel.Information, "McpAudit {Audit} is gone")]
    public static partial void AuditGone(this ILogger log, string audit);

    [LoggerMessage(LogLevel.Warning, "McpAudit {Audit} cannot be used as of generation {Generation}: {Problems}")]
    public static partial void AuditRefused(this ILogger log, string audit, long generation, string problems);

    [LoggerMessage(LogLevel.Warning, "The status of McpAudit {Audit} is not written: {Reason}")]
    public static partial void StatusRefused(this ILogger log, string audit, string reason);

    [LoggerMessage(LogLevel.Information, "The condition ocx.dev/gated of pod {Pod} is {Status}: {Reason}")]
    public static partial void PodConditionSet(this ILogger log, string pod, string status, string reason);

    [LoggerMessage(LogLevel.Warning, "The condition ocx.dev/gated of pod {Pod} is not written: {Reason}")]
    public static partial void PodConditionRefused(this ILogger log, string pod, string reason);

    [LoggerMessage(LogLevel.Warning, "The ledger's counts cannot be read, statuses stay as they are: {Reason}")]
    public static partial void CountsUnreadable(this ILogger log, string reason);

    [LoggerMessage(LogLevel.Warning, "A caller from {Address} is not let in: {Reason}")]
    public static partial void CallerRefused(this ILogger log, string address, string reason);

    [LoggerMessage(LogLevel.Warning, "Callers cannot be proved, and are asked to come again: {Reason}")]
    public static partial void CallersNotProved(this ILogger log, string reason);
}
