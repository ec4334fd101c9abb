using Microsoft.Extensions.Logging;

namespace Ocx.Audit.Link;

/// <summary>Every message that the link logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        550,
        LogLevel.Warning,
        "The auditor at {Address} is not there and is tried again in {Delay}: {Reason}"
    )]
    public static partial void AuditorAway(this ILogger logger, string address, TimeSpan delay, string reason);
}
