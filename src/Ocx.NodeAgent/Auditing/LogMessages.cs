using Microsoft.Extensions.Logging;

namespace Ocx.NodeAgent.Auditing;

/// <summary>Every message that telling the auditor logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(500, LogLevel.Information, "The auditor at {Address} is told of calls")]
    public static partial void AuditorReached(this ILogger logger, string address);

    [LoggerMessage(502, LogLevel.Warning, "The auditor does not take a message about a call, which is lost: {Reason}")]
    public static partial void MessageRefused(this ILogger logger, string reason);

    [LoggerMessage(
        503,
        LogLevel.Warning,
        "The auditor is away or too slow: {Shed} messages about calls lost since the last line; verdicts are missing"
    )]
    public static partial void AuditorTooSlow(this ILogger logger, ulong shed);
}
