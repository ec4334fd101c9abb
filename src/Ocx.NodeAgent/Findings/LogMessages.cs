using Microsoft.Extensions.Logging;

namespace Ocx.NodeAgent.Findings;

/// <summary>What is logged of findings.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        EventId = 400,
        Level = LogLevel.Warning,
        Message = "Finding {Kind} at {Server} (address {Address}, pod '{Pod}'): {Message}"
    )]
    public static partial void Found(
        this ILogger logger,
        string kind,
        string server,
        string address,
        string pod,
        string message
    );

    [LoggerMessage(
        EventId = 401,
        Level = LogLevel.Warning,
        Message = "Finding {Kind} at {Server} (address {Address}): {Message}"
    )]
    public static partial void FoundOutsideOfPods(
        this ILogger logger,
        string kind,
        string server,
        string address,
        string message
    );
}
