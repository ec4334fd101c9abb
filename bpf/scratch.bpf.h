/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What one run of the filter knows about its packet. It lies in a map, not on
 * the stack, and the steps that work on it are global functions: the verifier
 * then checks each step once, for any content, instead of once for each path
 * that leads to it. Linux 5.8 passes a global function no pointer but the
 * context, so each looks the scratch up for itself.
 */
#ifndef OCX_SCRATCH_H
#define OCX_SCRATCH_H

struct segment {
	__u8 source_address[16];
	__u8 destination_address[16];
	__u32 sequence;
	__u32 acknowledgment;
	__u32 payload_offset;	/* from the start of the socket buffer's data; where the parser is until it is done */
	__u32 packet_end;	/* where the IP packet ends; behind it there may be padding */
	__u32 payload_length;
	__be16 source_port;
	__be16 destination_port;
	__u8 ip_version;
	__u8 tcp_flags;
};

#define TCP_FLAG_FIN_BIT	0x01
#define TCP_FLAG_SYN_BIT	0x02
#define TCP_FLAG_RST_BIT	0x04
#define TCP_FLAG_PSH_BIT	0x08

/* Does it open or end a connection? */
static __always_inline bool is_control(const struct segment *segment)
{
	return segment->tcp_flags & (TCP_FLAG_FIN_BIT | TCP_FLAG_SYN_BIT | TCP_FLAG_RST_BIT);
}

struct scratch {
	struct segment segment;
	struct ocx_record header;
	__u32 keep;	/* payload bytes of the packet that are to go into the ring */
	__u32 done;	/* those that are in it */
	/* Of PARSE_TUNNEL: */
	__u32 tunnel_offset;	/* where the tunnel's header begins, then where the inner IP packet does */
	__u8 tunnel_protocol;	/* the IP protocol of that header */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

static __always_inline struct scratch *this_cpu_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

#endif /* OCX_SCRATCH_H */
