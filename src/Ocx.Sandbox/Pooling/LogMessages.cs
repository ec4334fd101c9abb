using Microsoft.Extensions.Logging;

namespace Ocx.Sandbox.Pooling;

/// <summary>What a pool logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(LogLevel.Warning, "No shadow server could be started ({Reason}): {Message}")]
    public static partial void StartFailed(this ILogger log, string reason, string message);

    [LoggerMessage(LogLevel.Warning, "A shadow server was not ended cleanly: {Message}")]
    public static partial void NotEnded(this ILogger log, string message);
}
