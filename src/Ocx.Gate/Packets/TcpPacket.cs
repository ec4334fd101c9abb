using System.Buffers.Binary;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Packets;

/// <summary>
/// A view of an IP packet that carries TCP: IPv4 with options, IPv6 with the extension headers that may stand before
/// TCP. Of a fragment nothing is read.
/// </summary>
internal readonly ref struct TcpPacket
{
    private const byte Tcp = 6;

    // Hop-by-hop options, routing, fragment, authentication, destination options (RFC 8200, 4; RFC 4302).
    private const byte HopByHop = 0;
    private const byte Routing = 43;
    private const byte Fragment = 44;
    private const byte Authentication = 51;
    private const byte DestinationOptions = 60;

    // Each of them once, and destination options twice (RFC 8200, 4.1).
    private const int MostExtensions = 6;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _tcp;
    private readonly int _payload;
    private readonly int _end;

    private TcpPacket(ReadOnlySpan<byte> packet, int tcp, int payload, int end)
    {
        _packet = packet;
        (_tcp, _payload, _end) = (tcp, payload, end);
    }

    /// <summary>4 or 6.</summary>
    public int Version => _packet[0] >> 4;

    /// <summary>Who sent it.</summary>
    public IpEndpoint Source => Endpoint(Version == 4 ? 12 : 8, _tcp);

    /// <summary>To whom.</summary>
    public IpEndpoint Destination => Endpoint(Version == 4 ? 16 : 24, _tcp + 2);

    /// <summary>The sequence number of the first payload byte (with SYN, of the byte before it).</summary>
    public uint Sequence => BinaryPrimitives.ReadUInt32BigEndian(_packet[(_tcp + 4)..]);

    /// <summary>The next byte that the sender awaits; read only with <see cref="TcpFlags.Ack"/>.</summary>
    public uint Acknowledgment => BinaryPrimitives.ReadUInt32BigEndian(_packet[(_tcp + 8)..]);

    /// <summary>FIN, SYN, RST and ACK.</summary>
    public TcpFlags Flags => (TcpFlags)_packet[_tcp + 13] & (TcpFlags.Fin | TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Ack);

    /// <summary>The window as it stands in the header, not scaled.</summary>
    public ushort Window => BinaryPrimitives.ReadUInt16BigEndian(_packet[(_tcp + 14)..]);

    /// <summary>Where the TCP header begins.</summary>
    public int TcpOffset => _tcp;

    /// <summary>Where the payload begins: the length of all headers.</summary>
    public int PayloadOffset => _payload;

    /// <summary>The TCP header's length, with its options.</summary>
    public int HeaderLength => _payload - _tcp;

    /// <summary>The payload as far as it is there; what pads a short packet is no part of it.</summary>
    public ReadOnlySpan<byte> Payload => _packet[_payload.._end];

    /// <summary>The packet is longer than what is there of it.</summary>
    public bool IsCut { get; private init; }

    /// <summary>Its checksum is right, as far as all of it is there to tell (RFC 9293, 3.1).</summary>
    public bool IsIntact => IsCut || Checksum.OfTcp(_packet, _packet[_tcp.._end]) == 0;

    /// <summary>The sequence number behind the packet: behind its payload, and its SYN and FIN.</summary>
    public uint SequenceEnd =>
        unchecked(
            Sequence
            + (uint)(_end - _payload)
            + ((Flags & TcpFlags.Syn) != 0 ? 1u : 0)
            + ((Flags & TcpFlags.Fin) != 0 ? 1u : 0)
        );

    /// <summary>Reads the headers; false for a fragment, and where they are not whole or not of TCP.</summary>
    /// <param name="packet">The packet from its IP header on.</param>
    /// <param name="read">The view; it is lent as long as <paramref name="packet"/> is.</param>
    public static bool TryParse(ReadOnlySpan<byte> packet, out TcpPacket read)
    {
        read = default;
        int tcp,
            stated;
        switch (packet.IsEmpty ? 0 : packet[0] >> 4)
        {
            case 4 when TryReadIPv4(packet, out tcp, out stated):
            case 6 when TryReadIPv6(packet, out tcp, out stated):
                break;
            default:
                return false;
        }

        int end = Math.Min(stated, packet.Length);
        if (end - tcp < 20)
        {
            return false;
        }

        int header = (packet[tcp + 12] >> 4) * 4;
        if (header < 20 || header > end - tcp)
        {
            return false;
        }

        read = new TcpPacket(packet, tcp, tcp + header, end) { IsCut = stated > packet.Length };
        return true;
    }

    private const byte Timestamps = 8;

    /// <summary>The timestamps option (RFC 7323, 3); false where there is none.</summary>
    /// <param name="value">TSval, the sender's clock.</param>
    /// <param name="echo">TSecr, what it last saw of the other side's.</param>
    public bool TryGetTimestamps(out uint value, out uint echo)
    {
        ReadOnlySpan<byte> option = Option(Timestamps, 8);
        (value, echo) = option.IsEmpty
            ? (0u, 0u)
            : (BinaryPrimitives.ReadUInt32BigEndian(option), BinaryPrimitives.ReadUInt32BigEndian(option[4..]));
        return !option.IsEmpty;
    }

    /// <summary>How far the sender's windows are shifted (RFC 7323, 2.2): what its SYN says, at most 14.</summary>
    public int WindowShift
    {
        get
        {
            const byte WindowScale = 3;
            ReadOnlySpan<byte> option = Option(WindowScale, 1);
            return option.IsEmpty ? 0 : Math.Min((int)option[0], 14);
        }
    }

    /// <summary>Where in the packet TSval stands; 0 where there is none.</summary>
    public int TimestampOffset => _packet.Overlaps(Option(Timestamps, 8), out int offset) ? offset : 0;

    // The value of an option that has this length; empty where there is none (RFC 9293, 3.1).
    private ReadOnlySpan<byte> Option(byte wanted, int length)
    {
        const byte EndOfOptions = 0,
            Padding = 1;
        ReadOnlySpan<byte> options = _packet[(_tcp + 20).._payload];
        while (options is [not EndOfOptions and var kind, ..])
        {
            if (kind == Padding)
            {
                options = options[1..];
                continue;
            }

            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length)
            {
                return [];
            }

            if (kind == wanted && options[1] == length + 2)
            {
                return options[2..options[1]];
            }

            options = options[options[1]..];
        }

        return [];
    }

    /// <summary>The packet as the reassembly takes it.</summary>
    /// <param name="timeUnixNs">When it came, by the time of day.</param>
    /// <param name="monotonicNs">When it came, by a clock that no one sets.</param>
    public TcpSegment ToSegment(long timeUnixNs, long monotonicNs) =>
        new()
        {
            TimestampUnixNs = timeUnixNs,
            MonotonicNs = monotonicNs,
            Source = Source,
            Destination = Destination,
            Sequence = Sequence,
            Acknowledgment = Acknowledgment,
            Flags = Flags,
            Length = _end - _payload,
            Payload = Payload,
        };

    // Where TCP begins and where the packet says that it ends. Of a packet that is made of many (GSO) and longer than
    // its length field can say, the field is 0: then it ends where it ends.
    private static bool TryReadIPv4(ReadOnlySpan<byte> packet, out int tcp, out int stated)
    {
        const int MoreFragmentsAndOffset = 0x3fff;
        (tcp, stated) = (0, 0);
        if (packet.Length < 20)
        {
            return false;
        }

        tcp = (packet[0] & 15) * 4;
        stated = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        stated = stated == 0 ? packet.Length : stated;
        return tcp >= 20
            && packet[9] == Tcp
            && (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & MoreFragmentsAndOffset) == 0;
    }

    private static bool TryReadIPv6(ReadOnlySpan<byte> packet, out int tcp, out int stated)
    {
        (tcp, stated) = (40, 0);
        if (packet.Length < tcp)
        {
            return false;
        }

        stated = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        stated = stated == 0 ? packet.Length : tcp + stated;
        byte next = packet[6];
        for (int extensions = 0; next != Tcp; extensions++)
        {
            if (extensions == MostExtensions || packet.Length - tcp < 8)
            {
                return false;
            }

            ReadOnlySpan<byte> extension = packet[tcp..];
            switch (next)
            {
                case HopByHop or Routing or DestinationOptions:
                    tcp += (extension[1] + 1) * 8;
                    break;
                case Authentication:
                    tcp += (extension[1] + 2) * 4;
                    break;
                // A fragment that is all of its packet (RFC 6946).
                case Fragment when (BinaryPrimitives.ReadUInt16BigEndian(extension[2..]) & 0xfff9) == 0:
                    tcp += 8;
                    break;
                default:
                    return false;
            }

            next = extension[0];
        }

        return true;
    }

    private IpEndpoint Endpoint(int address, int port) =>
        IpEndpoint.From(
            _packet.Slice(address, Version == 4 ? 4 : 16),
            BinaryPrimitives.ReadUInt16BigEndian(_packet[port..])
        );
}
