using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// An Ethernet frame with a TCP segment, laid out by hand, so that a test can give it any header and any fault.
/// </summary>
internal sealed record TcpFrame
{
    public const ushort VlanTag = 0x8100;
    public const ushort ServiceTag = 0x88A8;
    private const int EthernetHeader = 14;

    public IPAddress Source { get; init; } = IPAddress.Parse("10.0.0.1");

    public IPAddress Destination { get; init; } = IPAddress.Parse("10.0.0.2");

    public ushort SourcePort { get; init; } = 40000;

    public ushort DestinationPort { get; init; } = 8080;

    public uint Sequence { get; init; } = 1000;

    /// <summary>PSH and ACK, unless a test says otherwise.</summary>
    public byte Flags { get; init; } = 0x18;

    public byte[] Payload { get; init; } = "payload"u8.ToArray();

    /// <summary>VLAN tags from the outside in: ethertype and VLAN identifier.</summary>
    public (ushort Type, ushort Id)[] Vlans { get; init; } = [];

    /// <summary>What the IP header says follows: TCP, unless a test says otherwise.</summary>
    public ProtocolType Protocol { get; init; } = ProtocolType.Tcp;

    /// <summary>IPv4 options, a multiple of 4 bytes.</summary>
    public byte[] Ipv4Options { get; init; } = [];

    /// <summary>The IPv4 flags and fragment offset field.</summary>
    public ushort Ipv4Fragment { get; init; }

    /// <summary>
    /// IPv6 extension headers in order: each type, and its bytes from the second on (RFC 8200 section 4).
    /// </summary>
    public (byte Type, byte[] Body)[] Extensions { get; init; } = [];

    /// <summary>TCP options, a multiple of 4 bytes.</summary>
    public byte[] TcpOptions { get; init; } = [];

    /// <summary>What the IP header says of the packet's length more or less than the truth.</summary>
    public int LengthError { get; init; }

    /// <summary>The TCP data offset in 32-bit words, when it is to be wrong.</summary>
    public byte? DataOffset { get; init; }

    /// <summary>The IPv4 header length in 32-bit words, when it is to be wrong.</summary>
    public byte? HeaderWords { get; init; }

    /// <summary>Bytes behind the packet, as a short frame is padded.</summary>
    public int Padding { get; init; }

    /// <summary>The frame ends here, whatever its headers say.</summary>
    public int? CutAt { get; init; }

    /// <summary>Bytes of the frame before the IP header.</summary>
    public int LinkHeaderLength => EthernetHeader + 4 * Vlans.Length;

    public byte[] ToBytes()
    {
        byte[] tcp = Tcp();
        bool v6 = Source.AddressFamily == AddressFamily.InterNetworkV6;
        byte[] packet = v6 ? Ipv6(tcp) : Ipv4(tcp);
        // Broadcast: the stack on the other side takes it in, whatever its own address.
        var frame = new List<byte>([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1]);
        foreach ((ushort type, ushort id) in Vlans)
        {
            frame.AddRange([.. Word(type), .. Word(id)]);
        }
        frame.AddRange([.. Word(v6 ? (ushort)0x86DD : (ushort)0x0800), .. packet, .. new byte[Padding]]);
        return [.. frame.Take(CutAt ?? frame.Count)];
    }

    private byte[] Tcp() =>
        [
            .. Word(SourcePort),
            .. Word(DestinationPort),
            .. Long(Sequence),
            .. Long(1),
            (byte)((DataOffset ?? 5 + TcpOptions.Length / 4) << 4),
            Flags,
            .. Word(65535),
            0,
            0,
            0,
            0,
            .. TcpOptions,
            .. Payload,
        ];

    private byte[] Ipv4(byte[] tcp)
    {
        int header = 20 + Ipv4Options.Length;
        return
        [
            (byte)(0x40 | (HeaderWords ?? header / 4)),
            0,
            .. Word((ushort)(header + tcp.Length + LengthError)),
            0,
            1,
            .. Word(Ipv4Fragment),
            64,
            (byte)Protocol,
            0,
            0,
            .. Source.GetAddressBytes(),
            .. Destination.GetAddressBytes(),
            .. Ipv4Options,
            .. tcp,
        ];
    }

    private byte[] Ipv6(byte[] tcp)
    {
        byte next = (byte)Protocol;
        byte[] body = tcp;
        foreach ((byte type, byte[] content) in Extensions.Reverse())
        {
            body = [next, .. content, .. body];
            next = type;
        }
        return
        [
            0x60,
            0,
            0,
            0,
            .. Word((ushort)(body.Length + LengthError)),
            next,
            64,
            .. Source.GetAddressBytes(),
            .. Destination.GetAddressBytes(),
            .. body,
        ];
    }

    private static byte[] Word(ushort value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Long(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
