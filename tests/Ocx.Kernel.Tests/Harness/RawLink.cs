using Ocx.Bpf;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>Sends frames as they are out of an interface (packet(7), SOCK_RAW).</summary>
internal sealed unsafe class RawLink : IDisposable
{
    private readonly int _socket;
    private readonly int _index;

    public RawLink(NetworkNamespace @namespace, string @interface) =>
        (_socket, _index) = @namespace.Run(() => (Native.socket(Native.AfPacket, Native.SockRaw, 0), LinkTable.IndexOf(@interface)));

    public void Send(ReadOnlySpan<byte> frame)
    {
        var address = new Native.LinkAddress { Family = Native.AfPacket, Index = _index };
        fixed (byte* data = frame)
        {
            if (Native.sendto(_socket, data, (nuint)frame.Length, 0, &address, (uint)sizeof(Native.LinkAddress)) != frame.Length)
            {
                throw Native.Failed("send a frame");
            }
        }
    }

    public void Send(TcpFrame frame) => Send(frame.ToBytes());

    /// <inheritdoc/>
    public void Dispose() => _ = Native.close(_socket);
}
