using Microsoft.Extensions.Logging;

namespace Ocx.Kube;

/// <summary>What informers log.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(110, LogLevel.Information, "The watch of {Kind} is too old; listing again")]
    public static partial void WatchExpired(this ILogger logger, string kind);

    [LoggerMessage(111, LogLevel.Warning, "The watch of {Kind} failed and is tried again in {Delay}: {Reason}")]
    public static partial void WatchFailed(this ILogger logger, string kind, TimeSpan delay, string reason);

    [LoggerMessage(112, LogLevel.Warning, "A {Kind} cannot be read: {Name}: {Reason}")]
    public static partial void ObjectUnreadable(this ILogger logger, string kind, string name, string reason);
}
