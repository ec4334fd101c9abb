// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * ocx_socket_filter: copies the TCP payload of packets on the configured ports
 * into a ring buffer, and the headers of those without payload that open or end
 * a connection. It is attached to an AF_PACKET socket of type SOCK_DGRAM,
 * so offset 0 is the network header on every link type, and it always returns
 * 0: nothing is queued to the socket, and the packet's own path is not touched.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "event.h"
#include "config.bpf.h"
#include "stats.bpf.h"
#include "scratch.bpf.h"
#include "ethernet.bpf.h"
#include "tunnel.bpf.h"
#include "parse.bpf.h"
#include "flow_owner.bpf.h"
#include "process.bpf.h"
#include "capture.bpf.h"

static __always_inline bool is_tapped(const struct segment *segment)
{
	__u32 i;

	for (i = 0; i < OCX_MAX_PORTS; i++) {
		if (i >= ocx_port_count)
			break;
		if (segment->destination_port == ocx_ports[i] || segment->source_port == ocx_ports[i])
			return true;
	}
	return false;
}

static __always_inline void tap(struct __sk_buff *skb, struct scratch *scratch,
				struct ocx_counters *counters)
{
	const struct segment *segment = &scratch->segment;

	count(counters, total, 1);
	count(counters, total_bytes, skb->len);

	switch (parse_segment(skb)) {
	case PARSE_TCP:
		break;
	case PARSE_FRAGMENT:
		count(counters, fragments, 1);
		return;
	case PARSE_MALFORMED:
		count(counters, malformed, 1);
		return;
	case PARSE_TUNNEL:
		count(counters, encapsulated, 1);
		return;
	default:
		return;
	}
	if (!is_tapped(segment))
		return;

	count(counters, filtered, 1);
	count(counters, filtered_bytes, segment->payload_length);
	if (!segment->payload_length) {
		count(counters, empty, 1);
		if (is_control(segment) && !is_duplicate(skb, segment))
			capture_control(skb, counters);
	} else if (is_duplicate(skb, segment)) {
		count(counters, duplicates, 1);
		count(counters, duplicate_bytes, segment->payload_length);
	} else {
		capture(skb, scratch, counters);
	}
}

SEC("socket")
int ocx_socket_filter(struct __sk_buff *skb)
{
	struct ocx_counters *counters = this_cpu_counters();
	struct scratch *scratch = this_cpu_scratch();

	/* Entry 0 of an array is always there; the verifier wants to see the check. */
	if (counters && scratch)
		tap(skb, scratch, counters);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
