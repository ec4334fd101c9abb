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

    /// <summary>PPP (RFC 1662), with or without its address and control bytes.</summary>
    Ppp = 9,

    /// <summary>Raw IP, as some systems number it in files.</summary>
    RawBsd = 12,

    /// <summary>Raw IP, as OpenBSD numbers it in files.</summary>
    RawOpenBsd = 14,

    /// <summary>PPP in HDLC-like framing.</summary>
    PppHdlc = 50,

    /// <summary>PPP over Ethernet, from the session header on (RFC 2516).</summary>
    Pppoe = 51,

    /// <summary>Raw IP.</summary>
    Raw = 101,

    /// <summary>Cisco's HDLC: address, control, and an Ethernet type.</summary>
    CiscoHdlc = 104,

    /// <summary>OpenBSD loopback: the address family in network order.</summary>
    Loop = 108,

    /// <summary>OpenBSD's packets inside of IPsec: twelve bytes before the IP header.</summary>
    Enc = 109,

    /// <summary>Linux "cooked" capture, version 1.</summary>
    LinuxSll = 113,

    /// <summary>OpenBSD's packet filter log: a header that says its own length.</summary>
    PfLog = 117,

    /// <summary>MPLS, from the first label on (RFC 3032).</summary>
    Mpls = 219,

    /// <summary>Raw IPv4.</summary>
    IPv4 = 228,

    /// <summary>Raw IPv6.</summary>
    IPv6 = 229,

    /// <summary>Linux netfilter log: what <c>iptables -j NFLOG</c> hands to a capture.</summary>
    NfLog = 239,

    /// <summary>macOS: a header that names the link type of what follows.</summary>
    PkTap = 258,

    /// <summary>Linux "cooked" capture, version 2: what <c>tcpdump -i any</c> writes today.</summary>
    LinuxSll2 = 276,
}
