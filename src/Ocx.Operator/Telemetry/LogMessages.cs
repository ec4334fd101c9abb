namespace Ocx.Operator.Telemetry;

/// <summary>Every message that the operator logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(100, LogLevel.Information, "Leading as {Identity}")]
    public static partial void LeadershipAcquired(this ILogger logger, string identity);

    [LoggerMessage(101, LogLevel.Error, "Lost the lease of {Identity}; stopping")]
    public static partial void LeadershipLost(this ILogger logger, string identity);

    [LoggerMessage(102, LogLevel.Information, "Released the lease of {Identity}")]
    public static partial void LeaseReleased(this ILogger logger, string identity);

    [LoggerMessage(103, LogLevel.Warning, "Leader election: {Reason}")]
    public static partial void LeaderElectionFailed(this ILogger logger, string reason);

    [LoggerMessage(104, LogLevel.Information, "Freed the lease of {Identity}, whose pod is gone")]
    public static partial void LeaseFreed(this ILogger logger, string identity);

    [LoggerMessage(120, LogLevel.Warning, "{Controller} could not reconcile {Name}: {Reason}")]
    public static partial void ReconcileFailed(this ILogger logger, string controller, string name, string reason);

    [LoggerMessage(121, LogLevel.Information, "Applied {Kind} {Name}")]
    public static partial void Applied(this ILogger logger, string kind, string name);

    [LoggerMessage(
        122,
        LogLevel.Information,
        "Deleted {Count} reports of {Tap} whose node is gone or no longer tapped"
    )]
    public static partial void ReportsRetired(this ILogger logger, string tap, int count);

    [LoggerMessage(123, LogLevel.Information, "The interval of report {Report} was not set: {Reason}")]
    public static partial void IntervalNotSet(this ILogger logger, string report, string reason);

    [LoggerMessage(124, LogLevel.Warning, "The status of {Tap} is refused: {Reason}")]
    public static partial void StatusRefused(this ILogger logger, string tap, string reason);

    [LoggerMessage(125, LogLevel.Warning, "The events about the DaemonSet of {Tap} cannot be read: {Reason}")]
    public static partial void EventsNotRead(this ILogger logger, string tap, string reason);

    [LoggerMessage(126, LogLevel.Warning, "The auditor's Service cannot be read: {Reason}")]
    public static partial void AuditorServiceNotRead(this ILogger logger, string reason);

    [LoggerMessage(127, LogLevel.Information, "Certificates of the auditor: {What}")]
    public static partial void CertificatesMade(this ILogger logger, string what);

    [LoggerMessage(128, LogLevel.Warning, "The auditor's certificates cannot be kept: {Reason}")]
    public static partial void CertificatesNotKept(this ILogger logger, string reason);

    [LoggerMessage(140, LogLevel.Warning, "The gates' DaemonSet cannot be kept: {Reason}")]
    public static partial void GatesNotKept(this ILogger logger, string reason);

    [LoggerMessage(141, LogLevel.Information, "Taking the gates away: pods that remove what they have set")]
    public static partial void GatesRemoving(this ILogger logger);

    [LoggerMessage(142, LogLevel.Information, "The gates are gone, and what they have set on the nodes")]
    public static partial void GatesRemoved(this ILogger logger);

    [LoggerMessage(130, LogLevel.Warning, "Event {Reason} was not recorded: {Error}")]
    public static partial void EventNotRecorded(this ILogger logger, string reason, string error);
}
