using Ocx.Bpf;
using Ocx.Bpf.Handles;
using Ocx.Bpf.Interop;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>Sends frames as they are out of an interface (packet(7), SOCK_RAW).</summary>
internal sealed unsafe class RawLink : IDisposable
{
    private readonly SocketHandle _socket;

    public RawLink(NetworkNamespace @namespace, string @interface) =>
        _socket = @namespace.Run(() =>
        {
            SocketHandle socket = SocketHandle.Open(LibC.AF_PACKET, LibC.SOCK_RAW, 0);
            var address = new LibC.sockaddr_ll
            {
                sll_family = LibC.AF_PACKET,
                sll_ifindex = LinkTable.IndexOf(@interface),
            };
            Ensure.NotNegative(LibC.bind(socket, &address, (uint)sizeof(LibC.sockaddr_ll)), $"bind to {@interface}");
            return socket;
        });

    public void Send(ReadOnlySpan<byte> frame)
    {
        fixed (byte* data = frame)
        {
            Assert.Equal(
                frame.Length,
                Ensure.NotNegative((int)LibC.send(_socket, data, (nuint)frame.Length, 0), "send a frame")
            );
        }
    }

    public void Send(TcpFrame frame) => Send(frame.ToBytes());

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
