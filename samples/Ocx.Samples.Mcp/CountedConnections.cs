using System.Buffers.Binary;
using System.Net.Sockets;

namespace Ocx.Samples.Mcp;

/// <summary>
/// An HTTP client's connections, with what the kernel counted on each: the sender's own figures, which a tap's can be
/// compared with.
/// </summary>
internal sealed class CountedConnections : IDisposable
{
    // include/uapi/linux/tcp.h: TCP_INFO and the offsets in struct tcp_info.
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int BytesReceived = 128;
    private const int DataSegmentsIn = 152;
    private const int DataSegmentsOut = 156;
    private const int BytesSent = 200;

    private readonly List<Socket> _sockets = [];

    public CountedConnections()
    {
        Http = new HttpClient(
            new SocketsHttpHandler
            {
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    lock (_sockets)
                    {
                        _sockets.Add(socket);
                    }

                    return new NetworkStream(socket, ownsSocket: false);
                },
            }
        );
    }

    public HttpClient Http { get; }

    /// <summary>
    /// Segments with payload and payload bytes, both ways, of all connections; first transmissions and repeated ones.
    /// </summary>
    public (long Segments, long Bytes) Count()
    {
        long segments = 0;
        long bytes = 0;
        Span<byte> info = stackalloc byte[256];
        lock (_sockets)
        {
            foreach (Socket socket in _sockets)
            {
                socket.GetRawSocketOption(TcpLevel, TcpInfo, info);
                segments +=
                    BinaryPrimitives.ReadUInt32LittleEndian(info[DataSegmentsIn..])
                    + BinaryPrimitives.ReadUInt32LittleEndian(info[DataSegmentsOut..]);
                bytes +=
                    BinaryPrimitives.ReadInt64LittleEndian(info[BytesReceived..])
                    + BinaryPrimitives.ReadInt64LittleEndian(info[BytesSent..]);
            }
        }

        return (segments, bytes);
    }

    public void Dispose()
    {
        Http.Dispose();
        _sockets.ForEach(socket => socket.Dispose());
    }
}
