using Microsoft.Extensions.Logging;

namespace Ocx.NodeAgent;

/// <summary>
/// What the agent as a whole logs; its parts have messages of their own. Payloads are never among them.
/// </summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Information,
        Message = "Tapping {Interfaces} on TCP port {Ports}, ring buffer {RingSize}, snap length {SnapLength}"
    )]
    public static partial void Tapping(
        this ILogger logger,
        string interfaces,
        string ports,
        string ringSize,
        int snapLength
    );

#pragma warning disable SYSLIB1015 // The line stays short; what it leaves out is in the structured form.
    [LoggerMessage(
        EventId = 6,
        Level = LogLevel.Information,
        Message = "Stats: Total={Total}, Filtered={Filtered}, Captured={Captured}, Dropped={Dropped}, Ring={Ring}"
    )]
    public static partial void Stats(
        this ILogger logger,
        ulong total,
        ulong filtered,
        ulong captured,
        ulong dropped,
        string ring,
        ulong totalBytes,
        ulong filteredBytes,
        ulong capturedBytes,
        ulong droppedBytes,
        ulong droppedRingFull,
        ulong droppedCopyFailed,
        ulong empty,
        ulong control,
        ulong controlLost,
        ulong duplicates,
        ulong duplicateBytes,
        ulong truncated,
        ulong truncatedBytes,
        ulong fragments,
        ulong malformed,
        ulong encapsulated,
        ulong shed,
        ulong shedByFollower,
        ulong shedControl,
        ulong shedCalls,
        long ringSize,
        long ringUsed,
        long ringHighest
    );

    [LoggerMessage(
        EventId = 16,
        Level = LogLevel.Information,
        Message = "Calls: Total={Total}, Gaps={Gaps}, Unreadable={Unreadable}, Shed={Shed}"
    )]
    public static partial void Calls(
        this ILogger logger,
        long total,
        long gaps,
        long unreadable,
        long shed,
        long connections,
        long messages,
        long orphans,
        long gapBytes,
        long tls,
        long http2,
        long upgraded,
        long unknownStreams,
        long httpLost,
        long oversize,
        long undecodable,
        long decodeLimited,
        long malformedJson,
        long tooDeepJson,
        long shedConnections,
        long shedSegments,
        long shedCalls,
        long heldBytes,
        long translations,
        long duplicates,
        ulong otlpSpans,
        ulong otlpSpansShed,
        ulong otlpLogs,
        ulong otlpLogsShed,
        ulong audited,
        ulong auditShed
    );
#pragma warning restore SYSLIB1015

    [LoggerMessage(
        EventId = 7,
        Level = LogLevel.Warning,
        Message = "Ring buffer full: {Lost} packets lost since the last line; "
            + "a larger --ring-size than {RingSize} holds longer bursts"
    )]
    public static partial void RingBufferFull(this ILogger logger, ulong lost, string ringSize);

    [LoggerMessage(
        EventId = 8,
        Level = LogLevel.Warning,
        Message = "Standard output is too slow: {Shed} segments captured but not printed since the last line"
    )]
    public static partial void OutputTooSlow(this ILogger logger, ulong shed);

    [LoggerMessage(
        EventId = 19,
        Level = LogLevel.Warning,
        Message = "{Packets} packets of tunnels (VXLAN, Geneve, GRE, IP in IP) passed; "
            + "what is inside is read with --decapsulate"
    )]
    public static partial void TunnelsNotOpened(this ILogger logger, ulong packets);

    [LoggerMessage(
        EventId = 17,
        Level = LogLevel.Warning,
        Message = "Standard output is too slow: {Shed} calls followed but not printed since the last line"
    )]
    public static partial void OutputTooSlowForCalls(this ILogger logger, ulong shed);

    [LoggerMessage(
        EventId = 18,
        Level = LogLevel.Warning,
        Message = "Following calls is too slow: {Shed} segments captured but not followed since the last line; "
            + "calls in them have gaps or are missing"
    )]
    public static partial void FollowingTooSlow(this ILogger logger, ulong shed);

    [LoggerMessage(EventId = 9, Level = LogLevel.Information, Message = "Stopping: {Reason}")]
    public static partial void Stopping(this ILogger logger, string reason);

    [LoggerMessage(EventId = 10, Level = LogLevel.Error, Message = "Standard output was closed; stopping")]
    public static partial void OutputClosed(this ILogger logger);

    [LoggerMessage(EventId = 11, Level = LogLevel.Debug, Message = "Verifier: {Line}")]
    public static partial void VerifierSaid(this ILogger logger, string line);

    [LoggerMessage(
        EventId = 12,
        Level = LogLevel.Warning,
        Message = "Standard output did not take the last lines in {Seconds} s; they are lost"
    )]
    public static partial void OutputNotFlushed(this ILogger logger, double seconds);

    [LoggerMessage(
        EventId = 14,
        Level = LogLevel.Warning,
        Message = "Cannot tap yet, trying again in {Seconds} s: {Problem}"
    )]
    public static partial void CannotTapYet(this ILogger logger, double seconds, string problem);

    [LoggerMessage(EventId = 15, Level = LogLevel.Information, Message = "Health and metrics on {Address}")]
    public static partial void Serving(this ILogger logger, System.Net.IPEndPoint address);
}
