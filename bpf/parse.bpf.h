/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * From the network header to the TCP payload. Reads go through
 * bpf_skb_load_bytes(), which reaches page fragments too and checks every
 * offset itself. Each read is a call that takes about a third of the parser's
 * time, so the headers of IP and TCP are read in one, and TCP's once more only
 * where something stands between them.
 */
#ifndef OCX_PARSE_H
#define OCX_PARSE_H

#define IP_MORE_FRAGMENTS	0x2000
#define IP_FRAGMENT_OFFSET	0x1FFF

/* IPv6 extension headers (RFC 8200 section 4, RFC 4302 for AH). */
#define NEXTHDR_HOP		0
#define NEXTHDR_ROUTING		43
#define NEXTHDR_FRAGMENT	44
#define NEXTHDR_AUTH		51
#define NEXTHDR_DEST		60
#define NEXTHDR_MOBILITY	135

/* RFC 8200 names each header once, destination options twice: 7 with mobility. */
#define OCX_MAX_EXTENSIONS	8

enum parse_result {
	PARSE_TCP,		/* a TCP segment, described in struct segment */
	PARSE_OTHER,		/* not TCP over IP */
	PARSE_FRAGMENT,		/* a fragment of a TCP packet */
	PARSE_MALFORMED,	/* headers that contradict themselves */
	PARSE_TUNNEL,		/* an IP packet inside of another, described in the scratch */
};

/* The fixed parts of the headers, as they are on the wire. */
struct ipv4_header {
	__u8 version_ihl;
	__u8 tos;
	__be16 total_length;
	__be16 id;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__be16 checksum;
	__u8 source[4];
	__u8 destination[4];
};

struct ipv6_header {
	__be32 version_class_label;
	__be16 payload_length;
	__u8 next_header;
	__u8 hop_limit;
	__u8 source[16];
	__u8 destination[16];
};

struct tcp_header {
	__be16 source;
	__be16 destination;
	__be32 sequence;
	__be32 acknowledgment;
	__u8 data_offset;	/* upper four bits, in 32-bit words */
	__u8 flags;
	__be16 window;
	__be16 checksum;
	__be16 urgent;
};

/* Does an IP header that fits this ethertype and the buffer begin at the offset? */
static __always_inline bool looks_like_ip(struct __sk_buff *skb, __u32 offset, __u16 protocol)
{
	struct {
		__u8 version;
		__u8 tos;
		__be16 length;
		__be16 id_or_length;
	} start;
	__u32 rest = skb->len - offset;

	if (bpf_skb_load_bytes(skb, offset, &start, sizeof(start)))
		return false;
	if (protocol == ETH_P_IP)
		return start.version >> 4 == 4 && (start.version & 0xF) >= 5 &&
		       bpf_ntohs(start.length) <= rest;
	if (protocol == ETH_P_IPV6)
		return start.version >> 4 == 6 &&
		       bpf_ntohs(start.id_or_length) + sizeof(struct ipv6_header) <= rest;
	return false;
}

/*
 * Steps over VLAN tags that are still in the data and returns the ethertype
 * below them, 0 if there is none that matters. A tag kept out of line is not
 * in the data at all. A tag that the kernel pushed for a device without VLAN
 * offload stands before the network header, where offset 0 is: skb->protocol
 * says VLAN, the data says IP.
 */
static __always_inline __u16 skip_vlan_tags(struct __sk_buff *skb, __u32 *offset)
{
	__u16 protocol = bpf_ntohs((__be16)skb->protocol);
	struct {
		__be16 tci;
		__be16 protocol;
	} tag;
	int i;

	for (i = 0; i < OCX_MAX_VLAN_TAGS && is_vlan(protocol); i++) {
		__u16 inner;

		if (bpf_skb_load_bytes(skb, *offset, &tag, sizeof(tag)))
			return 0;
		inner = bpf_ntohs(tag.protocol);
		if (is_vlan(inner) || looks_like_ip(skb, *offset + sizeof(tag), inner)) {
			*offset += sizeof(tag);
			protocol = inner;
		} else if (looks_like_ip(skb, *offset, ETH_P_IP)) {
			protocol = ETH_P_IP;
		} else if (looks_like_ip(skb, *offset, ETH_P_IPV6)) {
			protocol = ETH_P_IPV6;
		} else {
			return 0;
		}
	}
	return protocol;
}

/*
 * Describes the TCP segment whose header stands at the segment's
 * payload_offset, which then becomes the payload's.
 */
static __always_inline int parse_tcp(struct __sk_buff *skb, struct segment *segment,
				     const struct tcp_header *tcp)
{
	__u32 offset = segment->payload_offset, end = segment->packet_end;

	if (tcp->data_offset >> 4 < 5)
		return PARSE_MALFORMED;
	offset += (tcp->data_offset >> 4) * 4;
	/* Behind `end` there may be padding (Ethernet's minimum); before it all must be there. */
	if (end > skb->len || offset > end)
		return PARSE_MALFORMED;

	segment->sequence = bpf_ntohl(tcp->sequence);
	segment->acknowledgment = bpf_ntohl(tcp->acknowledgment);
	segment->source_port = tcp->source;
	segment->destination_port = tcp->destination;
	segment->tcp_flags = tcp->flags;
	segment->payload_offset = offset;
	segment->payload_length = end - offset;
	return PARSE_TCP;
}

/*
 * What is not TCP may be a tunnel: leaves in the scratch where its header is.
 * The port is UDP's, where it was read with the IP header; else 0.
 */
static __always_inline int parse_other(struct __sk_buff *skb, struct scratch *scratch,
				       __u8 protocol, __u32 offset, __be16 port)
{
	__be16 ports[2];

	if (protocol == IPPROTO_UDP && !port) {
		if (bpf_skb_load_bytes(skb, offset, ports, sizeof(ports)))
			return PARSE_OTHER;
		port = ports[1];
	}
	if (!is_tunnel(protocol, port))
		return PARSE_OTHER;
	scratch->tunnel_protocol = protocol;
	scratch->tunnel_offset = offset;
	return PARSE_TUNNEL;
}

/*
 * Both begin at the IP header and return an enum parse_result. They are global
 * functions, too, as without CAP_PERFMON the verifier also follows what the CPU
 * may do speculatively, and in one piece that is more than it follows.
 */
__noinline int parse_ipv4(struct __sk_buff *skb, __u32 offset)
{
	struct scratch *scratch = this_cpu_scratch();
	struct {
		struct ipv4_header ip;
		struct tcp_header tcp;
	} headers;
	const struct ipv4_header *ip = &headers.ip;
	__u32 header_length, total_length;
	struct segment *segment;
	bool both;

	if (!scratch)
		return PARSE_OTHER;
	segment = &scratch->segment;
	/* What is not TCP may be shorter than both. */
	both = !bpf_skb_load_bytes(skb, offset, &headers, sizeof(headers));
	if (!both && bpf_skb_load_bytes(skb, offset, &headers, sizeof(*ip)))
		return PARSE_MALFORMED;
	header_length = (ip->version_ihl & 0xF) * 4;
	if (ip->protocol != IPPROTO_TCP) {
		/* Only the first fragment begins with a header. A tunnel's packet is longer than both headers here. */
		if (!both || ip->fragment & bpf_htons(IP_FRAGMENT_OFFSET))
			return PARSE_OTHER;
		return parse_other(skb, scratch, ip->protocol, offset + header_length,
				   header_length == sizeof(*ip) ? headers.tcp.destination : 0);
	}
	if (ip->version_ihl >> 4 != 4 || header_length < sizeof(*ip))
		return PARSE_MALFORMED;
	if (ip->fragment & bpf_htons(IP_MORE_FRAGMENTS | IP_FRAGMENT_OFFSET))
		return PARSE_FRAGMENT;
	/* BIG TCP (include/net/ip.h: iph_totlen): over 64 KiB the field is 0. */
	total_length = bpf_ntohs(ip->total_length);
	segment->packet_end = total_length ? offset + total_length : skb->len;
	segment->payload_offset = offset + header_length;
	__builtin_memcpy(segment->source_address, ip->source, 4);
	__builtin_memcpy(segment->destination_address, ip->destination, 4);
	segment->ip_version = 4;
	if ((!both || header_length != sizeof(*ip)) &&
	    bpf_skb_load_bytes(skb, segment->payload_offset, &headers.tcp, sizeof(headers.tcp)))
		return PARSE_MALFORMED;
	return parse_tcp(skb, segment, &headers.tcp);
}

__noinline int parse_ipv6(struct __sk_buff *skb, __u32 offset)
{
	struct scratch *scratch = this_cpu_scratch();
	struct {
		struct ipv6_header ip;
		struct tcp_header tcp;
	} headers;
	const struct ipv6_header *ip = &headers.ip;
	struct segment *segment;
	struct {
		__u8 next_header;
		__u8 length;
		__be16 fragment;
	} extension;
	bool fragment = false, both;
	__u8 next;
	int i;

	if (!scratch)
		return PARSE_OTHER;
	segment = &scratch->segment;
	both = !bpf_skb_load_bytes(skb, offset, &headers, sizeof(headers));
	if (!both && bpf_skb_load_bytes(skb, offset, &headers, sizeof(*ip)))
		return PARSE_MALFORMED;
	if ((bpf_ntohl(ip->version_class_label) >> 28) != 6)
		return PARSE_MALFORMED;
	/* BIG TCP (RFC 2675): over 64 KiB the field is 0 and a jumbo option follows. */
	segment->packet_end =
		ip->payload_length ? offset + sizeof(*ip) + bpf_ntohs(ip->payload_length) : skb->len;
	offset += sizeof(*ip);
	next = ip->next_header;

	for (i = 0; i < OCX_MAX_EXTENSIONS && next != IPPROTO_TCP; i++) {
		if (next != NEXTHDR_HOP && next != NEXTHDR_ROUTING && next != NEXTHDR_FRAGMENT &&
		    next != NEXTHDR_AUTH && next != NEXTHDR_DEST && next != NEXTHDR_MOBILITY)
			return parse_other(skb, scratch, next, offset, i == 0 && both ? headers.tcp.destination : 0);
		if (bpf_skb_load_bytes(skb, offset, &extension, sizeof(extension)))
			return PARSE_MALFORMED;
		if (next == NEXTHDR_FRAGMENT) {
			/* Offset 0 with no more to come is an atomic fragment (RFC 6946): whole. */
			if (extension.fragment & bpf_htons(0xFFF9))
				fragment = true;
			/* Only the first fragment tells what lies behind the header. */
			if (extension.fragment & bpf_htons(0xFFF8))
				return extension.next_header == IPPROTO_TCP ? PARSE_FRAGMENT : PARSE_OTHER;
			offset += 8;
		} else if (next == NEXTHDR_AUTH) {
			offset += (extension.length + 2) * 4;
		} else {
			offset += (extension.length + 1) * 8;
		}
		next = extension.next_header;
	}
	if (next != IPPROTO_TCP)
		return PARSE_OTHER;
	if (fragment)
		return PARSE_FRAGMENT;
	__builtin_memcpy(segment->source_address, ip->source, 16);
	__builtin_memcpy(segment->destination_address, ip->destination, 16);
	segment->ip_version = 6;
	segment->payload_offset = offset;
	if ((!both || ip->next_header != IPPROTO_TCP) &&
	    bpf_skb_load_bytes(skb, offset, &headers.tcp, sizeof(headers.tcp)))
		return PARSE_MALFORMED;
	return parse_tcp(skb, segment, &headers.tcp);
}

static __always_inline int parse_ip(struct __sk_buff *skb, __u16 ethertype, __u32 offset)
{
	switch (ethertype) {
	case ETH_P_IP:
		return parse_ipv4(skb, offset);
	case ETH_P_IPV6:
		return parse_ipv6(skb, offset);
	default:
		return PARSE_OTHER;
	}
}

/* The same for what is inside of the tunnel that the scratch describes. */
static __always_inline int parse_inner(struct __sk_buff *skb, const struct scratch *scratch)
{
	__u16 ethertype = open_tunnel(skb);

	return parse_ip(skb, ethertype, scratch->tunnel_offset);
}

/*
 * Describes the packet in the scratch's segment; returns an enum parse_result.
 * Two tunnels in each other are opened, as with pods on an overlay on an
 * overlay. It is no loop, for the verifier without CAP_PERFMON: see capture().
 */
__noinline int parse_segment(struct __sk_buff *skb)
{
	struct scratch *scratch = this_cpu_scratch();
	__u32 offset = 0;
	__u16 ethertype;
	int result;

	if (!scratch)
		return PARSE_OTHER;
	__builtin_memset(&scratch->segment, 0, sizeof(scratch->segment));
	ethertype = skip_vlan_tags(skb, &offset);
	result = parse_ip(skb, ethertype, offset);
	if (ocx_decapsulate && result == PARSE_TUNNEL)
		result = parse_inner(skb, scratch);
	if (ocx_decapsulate && result == PARSE_TUNNEL)
		result = parse_inner(skb, scratch);
	return result;
}

#endif /* OCX_PARSE_H */
