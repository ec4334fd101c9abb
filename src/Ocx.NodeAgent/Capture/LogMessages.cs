using Microsoft.Extensions.Logging;

namespace Ocx.NodeAgent.Capture;

/// <summary>What is logged of the interfaces that are tapped.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        EventId = 2,
        Level = LogLevel.Information,
        Message = "Socket filter attached to interface {Interface} (index {Index})"
    )]
    public static partial void AttachedToInterface(this ILogger logger, string @interface, int index);

    [LoggerMessage(
        EventId = 3,
        Level = LogLevel.Warning,
        Message = "Interface {Interface} is gone; the tap attaches again when it returns"
    )]
    public static partial void InterfaceIsGone(this ILogger logger, string @interface);

    [LoggerMessage(
        EventId = 4,
        Level = LogLevel.Warning,
        Message = "Interface {Interface} is down; the tap goes on when it is up"
    )]
    public static partial void InterfaceIsDown(this ILogger logger, string @interface);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "Interface {Interface} is up again")]
    public static partial void InterfaceIsUpAgain(this ILogger logger, string @interface);

    [LoggerMessage(EventId = 13, Level = LogLevel.Warning, Message = "Not capturing: {Problem}")]
    public static partial void NotCapturing(this ILogger logger, string problem);
}
