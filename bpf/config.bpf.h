/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The loader's settings. They are read-only data, frozen at load, so the
 * verifier sees constants and removes the branches that they rule out.
 */
#ifndef OCX_CONFIG_H
#define OCX_CONFIG_H

/* The port as it stands in the packet: network byte order. */
const volatile __be16 ocx_ports[OCX_MAX_PORTS];
const volatile __u32 ocx_port_count;

/* Payload bytes kept of one packet; OCX_MAX_RECORD_PAYLOAD keeps all of any packet. */
const volatile __u32 ocx_snap_length = OCX_MAX_RECORD_PAYLOAD;

/*
 * Payload bytes of one record at most: a power of two from 1 KiB on, small
 * against the ring, so that a small ring takes a large packet piece by piece.
 */
const volatile __u32 ocx_record_payload = OCX_MAX_RECORD_PAYLOAD;

/* Wake the reader when this many bytes wait in the ring: a power of two. */
const volatile __u32 ocx_wakeup_bytes;

/*
 * Headers of packets without payload go into the ring while fewer bytes wait in
 * it than this, a quarter of the ring. So a flood of SYNs leaves three quarters
 * to payload, and the reader, woken at ocx_wakeup_bytes or before, empties the
 * first quarter again. It is no more than a quarter, since each byte of it is
 * one that a burst of payload may miss; it is no less, since ends of connections
 * come in bursts too: of 16 MiB it holds 47,000 of them.
 */
const volatile __u32 ocx_control_bytes;

/* Several interfaces are tapped: the first that sees a flow's bytes owns them. */
const volatile bool ocx_flow_ownership;

/* Packets inside of tunnels are read as if they came without them. */
const volatile bool ocx_decapsulate;

/* bpf_get_current_pid_tgid() is there for socket filters (Linux 6.10 on). */
const volatile bool ocx_process_lookup;

/* The current task is a candidate for packets that arrive, too. */
const volatile bool ocx_forwarded_lookup;

#endif /* OCX_CONFIG_H */
