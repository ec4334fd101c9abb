using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Http;

/// <summary>
/// The PROXY protocol's header, version 1 (text) or 2 (binary): a load balancer sends it before the first byte of a
/// client whose connection it passes on (haproxy.org, proxy-protocol.txt).
/// </summary>
public static class ProxyHeader
{
    private const int LongestLine = 107;
    private const int FixedLength = 16;

    private static ReadOnlySpan<byte> Text => "PROXY "u8;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>
    /// True when <paramref name="data"/> can be the beginning of one; <paramref name="begun"/> when it can be nothing
    /// else.
    /// </summary>
    public static bool MayBegin(ReadOnlySpan<byte> data, out bool begun)
    {
        begun = false;
        if (data.IsEmpty || data[0] is not ((byte)'P' or (byte)'\r'))
        {
            return false;
        }

        ReadOnlySpan<byte> header = data[0] == 'P' ? Text : Signature;
        begun = data.StartsWith(header);
        return begun || header.StartsWith(data);
    }

    /// <summary>Reads a header.</summary>
    /// <param name="data">What begins with one.</param>
    /// <param name="client">
    /// The client that it names; null for a connection of the proxy itself and for one that is not of TCP.
    /// </param>
    /// <returns>
    /// The header's length, which may be more than there is of it: what follows the addresses is not read. 0 when more
    /// bytes are needed; -1 when it is none.
    /// </returns>
    public static int Read(ReadOnlySpan<byte> data, out IpEndpoint? client)
    {
        client = null;
        return data.StartsWith(Text) ? ReadText(data, ref client)
            : data.StartsWith(Signature) ? ReadBinary(data, ref client)
            : -1;
    }

    private static int ReadText(ReadOnlySpan<byte> data, ref IpEndpoint? client)
    {
        int end = data[..Math.Min(data.Length, LongestLine)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            return data.Length < LongestLine ? 0 : -1;
        }

        ReadOnlySpan<byte> line = data[Text.Length..end];
        if (line.StartsWith("UNKNOWN"u8))
        {
            return end + 2;
        }

        string[] words = Encoding.ASCII.GetString(line).Split(' ');
        if (
            words
                is not ["TCP4" or "TCP6", string source, string destination, string sourcePort, string destinationPort]
            || !TryEnd(source, sourcePort, words[0], out IpEndpoint from)
            || !TryEnd(destination, destinationPort, words[0], out _)
        )
        {
            return -1;
        }

        client = from;
        return end + 2;
    }

    private static int ReadBinary(ReadOnlySpan<byte> data, ref IpEndpoint? client)
    {
        if (data.Length < FixedLength)
        {
            return 0;
        }

        (int version, int command) = (data[12] >> 4, data[12] & 15);
        int length = BinaryPrimitives.ReadUInt16BigEndian(data[14..]);
        if (version != 2 || command > 1)
        {
            return -1;
        }

        // TCP over IPv4 or IPv6: both addresses, then both ports. A command of 0 is the proxy's own connection, to see
        // if the server lives.
        int address = data[13] switch
        {
            0x11 => 4,
            0x21 => 16,
            _ => 0,
        };
        int needed = command == 1 && address > 0 ? (2 * address) + 4 : 0;
        if (length < needed)
        {
            return -1;
        }

        if (data.Length < FixedLength + needed)
        {
            return 0;
        }

        if (needed > 0)
        {
            ReadOnlySpan<byte> ends = data.Slice(FixedLength, needed);
            client = IpEndpoint.From(ends[..address], BinaryPrimitives.ReadUInt16BigEndian(ends[(2 * address)..]));
        }

        return FixedLength + length;
    }

    private static bool TryEnd(string address, string port, string family, out IpEndpoint end)
    {
        end = default;
        AddressFamily expected = family == "TCP6" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        if (
            !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
            || address.Contains('%', StringComparison.Ordinal)
            || !IPAddress.TryParse(address, out IPAddress? parsed)
            || parsed.AddressFamily != expected
        )
        {
            return false;
        }

        end = IpEndpoint.From(parsed.GetAddressBytes(), number);
        return true;
    }
}
