/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the kernel hands to user space: the record in the ring buffer, the
 * counters, and the record flags. The C# mirror is src/Ocx.NodeAgent/Capture/
 * (SegmentHeader.cs, TapCounters.cs); a test compares both layouts through the
 * BTF of the compiled object.
 *
 * All integers are in host byte order unless said otherwise. Padding is
 * explicit: the ring buffer's memory is not zeroed by the kernel.
 */
#ifndef OCX_EVENT_H
#define OCX_EVENT_H

#define OCX_MAX_PORTS		16
/* The largest payload of one record, in bytes. */
#define OCX_MAX_RECORD_PAYLOAD	65536

/* Flags of a record. */
#define OCX_RECORD_OUTGOING	(1u << 0) /* PACKET_OUTGOING: this host sent it */
#define OCX_RECORD_CONTINUED	(1u << 1) /* more records of the same packet follow */
#define OCX_RECORD_TRUNCATED	(1u << 2) /* cut by the snap length; set on the packet's last record */

/*
 * Header of a ring buffer record; `captured` bytes of TCP payload follow it. A
 * packet without payload that opens or ends a connection (SYN, FIN, RST) is a
 * record of its header alone: its length is 0.
 */
struct ocx_record {
	__u64 timestamp_ns;	/* CLOCK_MONOTONIC */
	__u64 pid_tgid;		/* tgid << 32 | tid of the candidate sender (process.bpf.h); 0: none */
	__u8 source_address[16];	/* network order; IPv4 in the first 4 bytes */
	__u8 destination_address[16];
	__u32 ifindex;
	__u32 sequence;		/* TCP sequence number of the record's first byte */
	__u32 acknowledgment;	/* TCP acknowledgment number of the packet */
	__u32 length;		/* payload bytes on the wire that this record stands for */
	__u32 captured;		/* payload bytes that follow; < length when truncated */
	__u16 source_port;
	__u16 destination_port;
	__u8 ip_version;	/* 4 or 6 */
	__u8 tcp_flags;		/* FIN 1, SYN 2, RST 4, PSH 8, ACK 16 (RFC 9293); of a packet in several
				 * records the first has its SYN, the last its FIN, RST and PSH */
	__u8 flags;		/* OCX_RECORD_* */
	__u8 reserved[5];
};

/*
 * Counters, one set per CPU. For packets:
 *   filtered = captured + dropped + empty + duplicates
 *   dropped  = dropped_ring_full + dropped_copy_failed
 * of the empty packets some are in the ring, as `control` counts them, and for
 * payload bytes:
 *   filtered_bytes = captured_bytes + dropped_bytes + duplicate_bytes + truncated_bytes
 */
struct ocx_counters {
	__u64 total;		/* packets the filter ran on */
	__u64 total_bytes;	/* their length from the network header on */
	__u64 filtered;		/* TCP packets with a configured port at either end */
	__u64 filtered_bytes;
	__u64 captured;		/* packets whose payload is in the ring, up to the snap length */
	__u64 captured_bytes;
	__u64 dropped_ring_full;
	__u64 dropped_copy_failed;
	__u64 dropped_bytes;
	__u64 empty;		/* no payload: handshake, acknowledgment, close */
	__u64 duplicates;	/* seen before on another interface, or on lo on its way out */
	__u64 duplicate_bytes;
	__u64 truncated;	/* captured packets that the snap length cut */
	__u64 truncated_bytes;	/* what it cut from them */
	__u64 fragments;	/* IP fragments of TCP packets: not readable, not in `filtered` */
	__u64 malformed;	/* IP or TCP headers that contradict themselves, not in `filtered` */
	__u64 encapsulated;	/* packets of tunnels (VXLAN, Geneve, GRE, IP in IP) that were not opened */
	__u64 records;		/* records submitted to the ring */
	__u64 control;		/* empty packets with SYN, FIN or RST whose header is in the ring */
	__u64 control_lost;	/* those for which the ring had no room to spare */
};

#endif /* OCX_EVENT_H */
