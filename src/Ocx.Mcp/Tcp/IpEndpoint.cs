using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Ocx.Mcp.Tcp;

/// <summary>
/// An IP address and a TCP port, without a heap object. IPv4 is kept as IPv4-mapped IPv6 (RFC 4291, 2.5.5.2).
/// </summary>
/// <param name="Address">The 16 address bytes in network order, as one number.</param>
/// <param name="Port">The TCP port.</param>
public readonly record struct IpEndpoint(UInt128 Address, ushort Port) : IComparable<IpEndpoint>
{
    private static readonly UInt128 s_mappedPrefix = new(0, 0xFFFF_0000_0000);

    /// <summary>True for an address that was IPv4 on the wire.</summary>
    public bool IsIPv4 => (Address >> 32) == (s_mappedPrefix >> 32);

    /// <summary>From the 4 (IPv4) or 16 (IPv6) address bytes of a packet.</summary>
    /// <exception cref="ArgumentException">The address has another length.</exception>
    public static IpEndpoint From(ReadOnlySpan<byte> address, ushort port) =>
        address.Length switch
        {
            4 => new(s_mappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(address), port),
            16 => new(BinaryPrimitives.ReadUInt128BigEndian(address), port),
            _ => throw new ArgumentException("An IP address has 4 or 16 bytes.", nameof(address)),
        };

    /// <summary>The address alone, as the platform's type (allocates).</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Address);
        return new IPAddress(IsIPv4 ? bytes[12..] : bytes);
    }

    /// <inheritdoc/>
    public int CompareTo(IpEndpoint other)
    {
        int byAddress = Address.CompareTo(other.Address);
        return byAddress != 0 ? byAddress : Port.CompareTo(other.Port);
    }

    /// <summary><c>10.0.0.1:8080</c> or <c>[::1]:8080</c>.</summary>
    public override string ToString() =>
        IsIPv4
            ? string.Create(CultureInfo.InvariantCulture, $"{ToIPAddress()}:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"[{ToIPAddress()}]:{Port}");

    /// <summary>Order by address, then port.</summary>
    public static bool operator <(IpEndpoint left, IpEndpoint right) => left.CompareTo(right) < 0;

    /// <summary>Order by address, then port.</summary>
    public static bool operator >(IpEndpoint left, IpEndpoint right) => left.CompareTo(right) > 0;

    /// <summary>Order by address, then port.</summary>
    public static bool operator <=(IpEndpoint left, IpEndpoint right) => left.CompareTo(right) <= 0;

    /// <summary>Order by address, then port.</summary>
    public static bool operator >=(IpEndpoint left, IpEndpoint right) => left.CompareTo(right) >= 0;
}
