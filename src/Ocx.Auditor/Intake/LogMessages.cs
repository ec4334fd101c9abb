namespace Ocx.Auditor.Intake;

/// <summary>What the intake logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(LogLevel.Debug, "An agent's stream broke: {Message}")]
    public static partial void AgentGone(this ILogger log, string message);

    [LoggerMessage(
        LogLevel.Error,
        "A record could not be kept; the agent sends its call again. Look for space and rights of the ledger's file"
    )]
    public static partial void NotTaken(this ILogger log, Exception wrong);
}
