/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Tunnels: which packets carry another IP packet, and where it begins. Known are
 * IP in IP (RFC 2003, RFC 4213), GRE (RFC 2784, RFC 2890), VXLAN (RFC 7348) and
 * Geneve (RFC 8926), which are what pod networks use between nodes.
 */
#ifndef OCX_TUNNEL_H
#define OCX_TUNNEL_H

#define VXLAN_PORT		4789
#define VXLAN_PORT_LINUX	8472	/* before one was registered; flannel and Cilium use it */
#define GENEVE_PORT		6081

#define VXLAN_VNI_VALID		0x08
#define GENEVE_VERSION		0xC0
#define GENEVE_OPTIONS_LENGTH	0x3F	/* in 32-bit words */

#define GRE_CHECKSUM	0x8000
#define GRE_KEY		0x2000
#define GRE_SEQUENCE	0x1000
/* Source routes (RFC 1701), or another version: no offset can be told. */
#define GRE_UNREADABLE	0x4007

/* Is it a protocol that carries IP packets, with this port if it is UDP's? */
static __always_inline bool is_tunnel(__u8 protocol, __be16 port)
{
	switch (protocol) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
	case IPPROTO_GRE:
		return true;
	case IPPROTO_UDP:
		return port == bpf_htons(VXLAN_PORT) || port == bpf_htons(VXLAN_PORT_LINUX) ||
		       port == bpf_htons(GENEVE_PORT);
	default:
		return false;
	}
}

static __always_inline __u16 open_gre(struct __sk_buff *skb, __u32 *offset)
{
	struct {
		__be16 flags;
		__be16 protocol;
	} gre;
	__u16 flags;

	if (bpf_skb_load_bytes(skb, *offset, &gre, sizeof(gre)))
		return 0;
	flags = bpf_ntohs(gre.flags);
	if (flags & GRE_UNREADABLE)
		return 0;
	*offset += sizeof(gre);
	if (flags & GRE_CHECKSUM)
		*offset += 4;
	if (flags & GRE_KEY)
		*offset += 4;
	if (flags & GRE_SEQUENCE)
		*offset += 4;
	return bpf_ntohs(gre.protocol);
}

static __always_inline __u16 open_udp(struct __sk_buff *skb, __u32 *offset)
{
	struct {
		__be16 source;
		__be16 destination;
		__be16 length;
		__be16 checksum;
		__u8 flags;	/* VXLAN's; Geneve's version and length of options */
		__u8 reserved;
		__be16 protocol;	/* Geneve's */
		__be32 network;
	} udp;

	if (bpf_skb_load_bytes(skb, *offset, &udp, sizeof(udp)))
		return 0;
	*offset += sizeof(udp);
	if (udp.destination != bpf_htons(GENEVE_PORT))
		return udp.flags & VXLAN_VNI_VALID ? ETH_P_TEB : 0;
	if (udp.flags & GENEVE_VERSION)
		return 0;
	*offset += (udp.flags & GENEVE_OPTIONS_LENGTH) * 4;
	return bpf_ntohs(udp.protocol);
}

/*
 * Opens the tunnel that the scratch describes and leaves there the offset of
 * the IP packet inside. Returns its ethertype, or 0 if none can be found.
 */
__noinline int open_tunnel(struct __sk_buff *skb)
{
	struct scratch *scratch = this_cpu_scratch();
	__u16 ethertype;
	__u32 offset;

	if (!scratch)
		return 0;
	offset = scratch->tunnel_offset;
	switch (scratch->tunnel_protocol) {
	case IPPROTO_IPIP:
		ethertype = ETH_P_IP;
		break;
	case IPPROTO_IPV6:
		ethertype = ETH_P_IPV6;
		break;
	case IPPROTO_GRE:
		ethertype = open_gre(skb, &offset);
		break;
	default:
		ethertype = open_udp(skb, &offset);
		break;
	}
	if (ethertype == ETH_P_TEB)
		ethertype = skip_ethernet(skb, &offset);
	scratch->tunnel_offset = offset;
	return ethertype;
}

#endif /* OCX_TUNNEL_H */
