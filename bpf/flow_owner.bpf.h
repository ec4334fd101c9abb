/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * One packet, many interfaces: on its way through veth, bridge and NIC a packet
 * is seen at each. The first interface that sees a flow's direction owns it;
 * the same bytes elsewhere are duplicates.
 */
#ifndef OCX_FLOW_OWNER_H
#define OCX_FLOW_OWNER_H

#define LOOPBACK_IFINDEX	1	/* include/net/flow.h: the same in every namespace */
#define PACKET_OUTGOING		4	/* include/uapi/linux/if_packet.h */

struct flow_direction {
	__u8 source_address[16];
	__u8 destination_address[16];
	__be16 source_port;
	__be16 destination_port;
	__u32 ip_version;
};

/* 8 bytes, aligned: written and read in one piece by CPUs that share no lock. */
struct flow_owner {
	__u32 ifindex;
	__u32 end;	/* the sequence number behind the last that the owner saw */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);	/* the loader makes it 1 when one interface is tapped */
	__type(key, struct flow_direction);
	__type(value, __u64);
} flow_owners SEC(".maps");

/*
 * A packet passes the owner before it reaches another interface, so bytes that
 * the owner has not seen by then did not pass it: the route changed, the owner
 * is gone, or the ports are used anew. Then the interface at hand takes over,
 * and nothing is lost without a timeout.
 */
static __always_inline bool owned_elsewhere(const struct segment *segment, __u32 ifindex)
{
	struct flow_direction key = {
		.source_port = segment->source_port,
		.destination_port = segment->destination_port,
		.ip_version = segment->ip_version,
	};
	union {
		struct flow_owner owner;
		__u64 word;
	} seen, now;
	__u64 *slot;

	__builtin_memcpy(key.source_address, segment->source_address, 16);
	__builtin_memcpy(key.destination_address, segment->destination_address, 16);
	now.owner.ifindex = ifindex;
	/* SYN and FIN take a number. So does RST here, to be told from a copy of itself. */
	now.owner.end = segment->sequence + segment->payload_length + is_control(segment);

	slot = bpf_map_lookup_elem(&flow_owners, &key);
	if (!slot) {
		/* A handshake alone owns nothing: a SYN flood must not push real flows out. */
		if (segment->payload_length)
			bpf_map_update_elem(&flow_owners, &key, &now.word, BPF_ANY);
		return false;
	}
	seen.word = *(volatile __u64 *)slot;
	if (segment->tcp_flags & TCP_FLAG_SYN_BIT) {
		/* A new connection on old ports; its numbers start elsewhere. */
		if (seen.owner.end == now.owner.end)
			return seen.owner.ifindex != ifindex;
		*(volatile __u64 *)slot = now.word;
		return false;
	}
	if (seen.owner.ifindex != ifindex) {
		if ((__s32)(now.owner.end - seen.owner.end) <= 0)
			return true;
		*(volatile __u64 *)slot = now.word;
		return false;
	}
	/* A retransmission does not move the end back. */
	if ((__s32)(now.owner.end - seen.owner.end) > 0)
		*(volatile __u64 *)slot = now.word;
	return false;
}

/*
 * Was this packet, or will it be, captured at another place? It is asked of
 * what may become a record. Several interfaces tell of the packets that open a
 * connection of which no payload was seen: nothing is kept for those.
 */
static __always_inline bool is_duplicate(struct __sk_buff *skb, const struct segment *segment)
{
	/*
	 * Everything on lo is sent on lo first; that copy runs in the sender's
	 * context, so its pid is right.
	 */
	if (skb->ifindex == LOOPBACK_IFINDEX && skb->pkt_type != PACKET_OUTGOING)
		return true;
	if (ocx_flow_ownership)
		return owned_elsewhere(segment, skb->ifindex);
	return false;
}

#endif /* OCX_FLOW_OWNER_H */
