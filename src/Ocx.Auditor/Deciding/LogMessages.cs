namespace Ocx.Auditor.Deciding;

/// <summary>What deciding logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(LogLevel.Warning, "What gates told of holds is not counted in the ledger: {Reason}")]
    public static partial void HoldsNotCounted(this ILogger log, string reason);
}
