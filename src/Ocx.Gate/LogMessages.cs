using System.Net;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Wire;

namespace Ocx.Gate;

/// <summary>Every message that the gate as a whole logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        610,
        LogLevel.Information,
        "Holding calls to ports {Ports} in the network namespace {Namespace}; until an auditor has spoken: {Policy}"
    )]
    public static partial void Holding(this ILogger logger, string ports, string @namespace, GateFailurePolicy policy);

    [LoggerMessage(611, LogLevel.Information, "Serving /healthz, /readyz and /metrics on {Address}")]
    public static partial void Serving(this ILogger logger, IPEndPoint address);

    [LoggerMessage(612, LogLevel.Information, "Stopping: {Reason}")]
    public static partial void Stopping(this ILogger logger, string reason);

    [LoggerMessage(613, LogLevel.Error, "A worker of the gate failed; the gate ends")]
    public static partial void WorkerFailed(this ILogger logger, Exception? failure);

    [LoggerMessage(
        614,
        LogLevel.Warning,
        "The gate's rules could not be changed and are tried again in {Seconds} s: {Reason}"
    )]
    public static partial void RulesNotSet(this ILogger logger, double seconds, string reason);

    [LoggerMessage(615, LogLevel.Error, "The gate's rules could not be taken away: {Reason}")]
    public static partial void RulesNotRemoved(this ILogger logger, string reason);

    [LoggerMessage(
        616,
        LogLevel.Error,
        "The gate failed with {Count} packets or verdicts; their connections are lost by the failure policy"
    )]
    public static partial void PacketsFailed(this ILogger logger, long count, Exception? last);

    [LoggerMessage(
        620,
        LogLevel.Information,
        "Holding calls of those pods of node {Node} that the auditor names; until it has, none"
    )]
    public static partial void HoldingOnNode(this ILogger logger, string node);

    [LoggerMessage(621, LogLevel.Information, "Pod {Pod} is gated on ports {Ports}")]
    public static partial void PodGated(this ILogger logger, string pod, string ports);

    [LoggerMessage(622, LogLevel.Information, "Pod {Pod} is gated no longer: {Reason}")]
    public static partial void PodFreed(this ILogger logger, string pod, string reason);

    [LoggerMessage(623, LogLevel.Warning, "Pod {Pod} is not gated, and is tried again each second: {Reason}")]
    public static partial void PodNotGated(this ILogger logger, string pod, string reason);

    [LoggerMessage(624, LogLevel.Error, "A worker of pod {Pod} failed and is started anew: {Reason}")]
    public static partial void PodWorkerFailed(this ILogger logger, string pod, string reason);

    [LoggerMessage(625, LogLevel.Information, "Rules that a gate had left in {Count} network namespaces are removed")]
    public static partial void AbandonedRemoved(this ILogger logger, int count);

    [LoggerMessage(
        626,
        LogLevel.Warning,
        "Rules that a gate may have left could not be removed and are tried again in {Seconds} s: {Reason}"
    )]
    public static partial void AbandonedNotRemoved(this ILogger logger, double seconds, string reason);
}
