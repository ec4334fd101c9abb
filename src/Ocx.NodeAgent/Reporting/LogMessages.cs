using Microsoft.Extensions.Logging;

namespace Ocx.NodeAgent.Reporting;

/// <summary>Every message that reporting logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(200, LogLevel.Warning, "The report was not written and is tried again in {Delay}: {Reason}")]
    public static partial void ReportFailed(this ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(201, LogLevel.Warning, "The last report was not written: {Reason}")]
    public static partial void LastReportLost(this ILogger logger, string reason);

    [LoggerMessage(
        202,
        LogLevel.Warning,
        "The counts of the earlier report are not continued, they start at 0: {Problem}"
    )]
    public static partial void EarlierReportIgnored(this ILogger logger, string problem);
}
