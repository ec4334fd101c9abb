/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Ethernet types, and the tags between them and the packet. */
#ifndef OCX_ETHERNET_H
#define OCX_ETHERNET_H

#define ETH_P_IP	0x0800
#define ETH_P_TEB	0x6558	/* an Ethernet frame inside of another protocol */
#define ETH_P_8021Q	0x8100
#define ETH_P_IPV6	0x86DD
#define ETH_P_8021AD	0x88A8

/* A second tag under the one that the kernel keeps out of line, and one more. */
#define OCX_MAX_VLAN_TAGS	2

static __always_inline bool is_vlan(__u16 protocol)
{
	return protocol == ETH_P_8021Q || protocol == ETH_P_8021AD;
}

/*
 * Steps over an Ethernet header and its VLAN tags; returns the ethertype below.
 * Unrolled for the verifier without CAP_PERFMON, as capture() is.
 */
static __always_inline __u16 skip_ethernet(struct __sk_buff *skb, __u32 *offset)
{
	__be16 protocol;
	int i;

	*offset += 12;
#pragma unroll
	for (i = 0; i <= OCX_MAX_VLAN_TAGS; i++) {
		if (bpf_skb_load_bytes(skb, *offset, &protocol, sizeof(protocol)))
			return 0;
		*offset += sizeof(protocol);
		if (!is_vlan(bpf_ntohs(protocol)))
			return bpf_ntohs(protocol);
		*offset += 2;
	}
	return 0;
}

#endif /* OCX_ETHERNET_H */
