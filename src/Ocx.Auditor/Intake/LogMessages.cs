namespace Ocx.Auditor.Intake;

/// <summary>What the intake logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(LogLevel.Debug, "A caller's stream broke: {Message}")]
    public static partial void CallerGone(this ILogger log, string message);

    [LoggerMessage(
        LogLevel.Error,
        "A record could not be kept; its call is sent again. Look for space and rights of the ledger's file"
    )]
    public static partial void NotTaken(this ILogger log, Exception wrong);
}
