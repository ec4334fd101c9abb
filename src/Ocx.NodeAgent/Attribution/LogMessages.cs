using Microsoft.Extensions.Logging;

namespace Ocx.NodeAgent.Attribution;

/// <summary>Every message that naming the ends of calls logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(300, LogLevel.Information, "Calls are told with the names of this node's {Count} pods")]
    public static partial void PodsKnown(this ILogger logger, int count);

    [LoggerMessage(
        301,
        LogLevel.Warning,
        "The API server does not let this account list and watch pods, "
            + "so calls are told without the names of pods. The chart's agent.attribution.enabled gives the right, "
            + "or takes the watch away with this message; it is tried again every few minutes"
    )]
    public static partial void PodsRefused(this ILogger logger);

    [LoggerMessage(303, LogLevel.Information, "Calls are told without the processes at their ends: {Obstacle}")]
    public static partial void ProcessesNotNamed(this ILogger logger, string obstacle);

    [LoggerMessage(
        302,
        LogLevel.Warning,
        "The watch of this node's pods ended and is tried again in {Delay}: {Reason}"
    )]
    public static partial void PodWatchFailed(this ILogger logger, TimeSpan delay, string reason);
}
