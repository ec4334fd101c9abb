using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Records;

/// <summary>Why a connection cannot be read.</summary>
public enum UnreadableKind
{
    /// <summary>TLS.</summary>
    Tls,

    /// <summary>HTTP/2 without TLS.</summary>
    Http2,

    /// <summary>It became another protocol (WebSocket, CONNECT, h2c).</summary>
    Upgraded,
}

/// <summary>A connection that is seen and named, but not read.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Client">Who opened it.</param>
/// <param name="Server">To whom.</param>
/// <param name="ServerName">TLS: the host name asked for (SNI), or empty.</param>
/// <param name="Alpn">TLS: the first protocol offered, or empty.</param>
public readonly record struct UnreadableConnection(
    UnreadableKind Kind,
    IpEndpoint Client,
    IpEndpoint Server,
    string ServerName,
    string Alpn
);

/// <summary>Takes what the tracker finds.</summary>
public interface IMcpSink
{
    /// <summary>
    /// A request is complete and its call waits for an answer, of which the record says nothing yet. It is lent and
    /// cannot be kept: <see cref="OnCall"/> has it again when the call is over.
    /// </summary>
    void OnOpened(CallRecord record) { }

    /// <summary>
    /// The first byte of an answer was seen: of the HTTP response that is the answer, told once its head is whole; or
    /// of the answer's own message where a stream, or another connection, brings it, told once that is whole. At most
    /// once for each call, after <see cref="OnOpened"/> and before <see cref="OnCall"/>; not for a call without an
    /// answer. The record is lent and cannot be kept.
    /// </summary>
    /// <param name="record">The call; what it will say of the answer is still empty.</param>
    /// <param name="unixNs">When that byte passed, in nanoseconds since the Unix epoch.</param>
    void OnAnswering(CallRecord record, long unixNs) { }

    /// <summary>A call finished or was given up. The record is lent: copy what must outlive this call.</summary>
    void OnCall(CallRecord record);

    /// <summary>A connection that cannot be read.</summary>
    void OnUnreadable(in UnreadableConnection connection);
}
