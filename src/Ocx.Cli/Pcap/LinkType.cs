namespace Ocx.Cli.Pcap;

/// <summary>
/// What a packet begins with: the registered numbers (draft-ietf-opsawg-pcaplinktype) of those that are read.
/// </summary>
internal enum LinkType
{
    /// <summary>BSD loopback: the address family in the writer's byte order.</summary>
    Null = 0,

    /// <summary>Ethernet.</summary>
    Ethernet = 1,

    /// <summary>Raw IP, as some systems number it in files.</summary>
    RawBsd = 12,

    /// <summary>Raw IP, as OpenBSD numbers it in files.</summary>
    RawOpenBsd = 14,

    /// <summary>Raw IP.</summary>
    Raw = 101,

    /// <summary>OpenBSD loopback: the address family in network order.</summary>
    Loop = 108,

    /// <summary>Linux "cooked" capture, version 1.</summary>
    LinuxSll = 113,

    /// <summary>Raw IPv4.</summary>
    IPv4 = 228,

    /// <summary>Raw IPv6.</summary>
    IPv6 = 229,

    /// <summary>Linux "cooked" capture, version 2: what <c>tcpdump -i any</c> writes today.</summary>
    LinuxSll2 = 276,
}
