using Microsoft.Extensions.Logging;

namespace Ocx.Gate.Asking;

/// <summary>Every message that asking the auditor logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(600, LogLevel.Information, "The auditor at {Address} judges calls")]
    public static partial void AuditorJudges(this ILogger logger, string address);

    [LoggerMessage(601, LogLevel.Information, "Holding by the rules of {Count} audits: {Audits}")]
    public static partial void HoldsBy(this ILogger logger, int count, string audits);

    [LoggerMessage(602, LogLevel.Warning, "The auditor's rules are not valid, and those before hold on: {Reason}")]
    public static partial void RulesRefused(this ILogger logger, string reason);

    [LoggerMessage(
        603,
        LogLevel.Warning,
        "The auditor does not take the question about a call, which ends by the failure policy: {Reason}"
    )]
    public static partial void QuestionRefused(this ILogger logger, string reason);
}
