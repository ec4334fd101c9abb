using Microsoft.Extensions.Logging;

namespace Ocx.NodeAgent.Reporting;

/// <summary>Every message that reporting logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(200, LogLevel.Warning, "The report was not written and is tried again in {Delay}: {Reason}")]
    public static partial void ReportFailed(this ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(201, LogLevel.Warning, "The last report was not written: {Reason}")]
    public static partial void LastReportLost(this ILogger logger, string reason);
}
