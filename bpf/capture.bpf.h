/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef OCX_CAPTURE_H
#define OCX_CAPTURE_H

/*
 * One ring for all CPUs keeps a flow's segments in order when the flow moves
 * between CPUs. The loader sets the size.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
} events SEC(".maps");

/*
 * 512 KiB (BIG TCP's limit, GSO_MAX_SIZE) in records of 64 KiB are 8; a ring so
 * small that records shrink to 16 KiB needs 32.
 */
#define OCX_MAX_RECORDS	32

enum emit_result { EMIT_OK, EMIT_RING_FULL, EMIT_COPY_FAILED };

/*
 * Waking the reader costs more than the copy: it interrupts this CPU, and the
 * other to end its sleep. Little waiting: the reader finds the record at its
 * next poll. Much waiting: the record that crosses a multiple of the limit wakes
 * it, and not each one that follows until it is awake. CPUs that submit at the
 * same time may miss a multiple between them; then the next one wakes it.
 */
static __always_inline __u64 wakeup_flags(__u32 record_size)
{
	__u64 waiting = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	if (waiting < ocx_wakeup_bytes)
		return BPF_RB_NO_WAKEUP;
	return (waiting & (ocx_wakeup_bytes - 1)) < record_size + BPF_RINGBUF_HDR_SZ ?
		       BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

/*
 * bpf_ringbuf_reserve() wants a constant size, so there is one for each power
 * of two. 1 <= captured <= size holds; the mask tells it to the verifier:
 * (captured - 1) & (size - 1) is in [0, size - 1], so the copy is in [1, size].
 */
#define EMIT_CLASS(size)                                                                           \
	static __always_inline enum emit_result emit_##size(struct __sk_buff *skb, __u32 offset,     \
							    const struct ocx_record *header)          \
	{                                                                                            \
		__u32 last = (header->captured - 1) & ((size) - 1);                                  \
		struct {                                                                             \
			struct ocx_record header;                                                    \
			__u8 payload[size];                                                          \
		} *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);                        \
                                                                                                     \
		if (!record)                                                                         \
			return EMIT_RING_FULL;                                                       \
		if (bpf_skb_load_bytes(skb, offset, record->payload, last + 1)) {                    \
			bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);                               \
			return EMIT_COPY_FAILED;                                                     \
		}                                                                                    \
		record->header = *header;                                                            \
		bpf_ringbuf_submit(record, wakeup_flags(sizeof(*record)));                            \
		return EMIT_OK;                                                                      \
	}

EMIT_CLASS(128)
EMIT_CLASS(256)
EMIT_CLASS(512)
EMIT_CLASS(1024)
EMIT_CLASS(2048)
EMIT_CLASS(4096)
EMIT_CLASS(8192)
EMIT_CLASS(16384)
EMIT_CLASS(32768)
EMIT_CLASS(65536)

static __always_inline __u8 direction_flag(struct __sk_buff *skb)
{
	return skb->pkt_type == PACKET_OUTGOING ? OCX_RECORD_OUTGOING : 0;
}

static __always_inline void fill_header(struct ocx_record *header, struct __sk_buff *skb,
					const struct segment *segment)
{
	__builtin_memset(header, 0, sizeof(*header));
	header->timestamp_ns = bpf_ktime_get_ns();
	__builtin_memcpy(header->source_address, segment->source_address, 16);
	__builtin_memcpy(header->destination_address, segment->destination_address, 16);
	header->ifindex = skb->ifindex;
	header->sequence = segment->sequence;
	header->acknowledgment = segment->acknowledgment;
	header->source_port = bpf_ntohs(segment->source_port);
	header->destination_port = bpf_ntohs(segment->destination_port);
	header->ip_version = segment->ip_version;
	header->tcp_flags = segment->tcp_flags;
}

/*
 * Submits the next record of the packet that the scratch describes; returns an
 * enum emit_result. Of a packet in several records, what stands before its
 * bytes goes with the first, what stands behind them with the last.
 */
__noinline int emit_record(struct __sk_buff *skb)
{
	struct scratch *scratch = this_cpu_scratch();
	const struct segment *segment;
	struct ocx_record *header;
	__u32 captured, offset;
	__u8 tcp_flags, flags = direction_flag(skb);

	if (!scratch)
		return EMIT_COPY_FAILED;
	segment = &scratch->segment;
	header = &scratch->header;
	offset = segment->payload_offset + scratch->done;
	captured = scratch->keep - scratch->done;

	header->sequence = segment->sequence + scratch->done;
	header->length = segment->payload_length - scratch->done;
	tcp_flags = segment->tcp_flags;
	if (scratch->done)
		tcp_flags &= ~TCP_FLAG_SYN_BIT;
	if (captured > ocx_record_payload) {
		captured = ocx_record_payload;
		header->length = captured;
		flags |= OCX_RECORD_CONTINUED;
		tcp_flags &= ~(TCP_FLAG_FIN_BIT | TCP_FLAG_RST_BIT | TCP_FLAG_PSH_BIT);
	} else if (captured < header->length) {
		flags |= OCX_RECORD_TRUNCATED;
	}
	header->captured = captured;
	header->tcp_flags = tcp_flags;
	header->flags = flags;

	if (captured <= 128)
		return emit_128(skb, offset, header);
	if (captured <= 256)
		return emit_256(skb, offset, header);
	if (captured <= 512)
		return emit_512(skb, offset, header);
	if (captured <= 1024)
		return emit_1024(skb, offset, header);
	if (captured <= 2048)
		return emit_2048(skb, offset, header);
	if (captured <= 4096)
		return emit_4096(skb, offset, header);
	if (captured <= 8192)
		return emit_8192(skb, offset, header);
	if (captured <= 16384)
		return emit_16384(skb, offset, header);
	if (captured <= 32768)
		return emit_32768(skb, offset, header);
	return emit_65536(skb, offset, header);
}

/*
 * Submits the header alone of the packet that the scratch's segment describes,
 * if that leaves the ring to payload. It names no candidate for the sender: who
 * sends payload is looked for, and nobody is looked for in a flood of SYNs.
 */
__noinline int emit_control(struct __sk_buff *skb)
{
	struct scratch *scratch = this_cpu_scratch();
	struct ocx_record *record;

	if (!scratch || bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >= ocx_control_bytes)
		return EMIT_RING_FULL;
	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record)
		return EMIT_RING_FULL;
	fill_header(record, skb, &scratch->segment);
	record->flags = direction_flag(skb);
	bpf_ringbuf_submit(record, wakeup_flags(sizeof(*record)));
	return EMIT_OK;
}

static __always_inline void capture_control(struct __sk_buff *skb, struct ocx_counters *counters)
{
	if (emit_control(skb) == EMIT_OK) {
		count(counters, records, 1);
		count(counters, control, 1);
	} else {
		count(counters, control_lost, 1);
	}
}

/*
 * Copies the payload into the ring, in several records when it is larger than
 * one. A packet counts as captured when all of its records went in; bytes are
 * counted record by record, so the byte identity holds for a packet cut short.
 * How far it is stands in the scratch, where the verifier does not follow it:
 * one turn of the loop is then like the next. They are unrolled since the
 * verifier, without CAP_PERFMON, follows a CPU that guesses wrong at the end of
 * a loop round and round.
 */
static __always_inline void capture(struct __sk_buff *skb, struct scratch *scratch,
				    struct ocx_counters *counters)
{
	const struct segment *segment = &scratch->segment;
	__u32 length = segment->payload_length;
	int result = EMIT_OK;
	int i;

	scratch->done = 0;
	scratch->keep = length;
	if (ocx_snap_length < OCX_MAX_RECORD_PAYLOAD && length > ocx_snap_length)
		scratch->keep = ocx_snap_length;
	fill_header(&scratch->header, skb, segment);
	scratch->header.pid_tgid = candidate_task(skb);

#pragma unroll
	for (i = 0; i < OCX_MAX_RECORDS && scratch->done < scratch->keep; i++) {
		result = emit_record(skb);
		if (result != EMIT_OK)
			goto dropped;
		count(counters, records, 1);
		count(counters, captured_bytes, scratch->header.captured);
		scratch->done += scratch->header.captured;
	}
	/* A ring so small that even OCX_MAX_RECORDS of its records do not hold the packet. */
	if (scratch->done < scratch->keep) {
		result = EMIT_RING_FULL;
		goto dropped;
	}

	count(counters, captured, 1);
	if (scratch->keep < length) {
		count(counters, truncated, 1);
		count(counters, truncated_bytes, length - scratch->keep);
	}
	return;

dropped:
	if (result == EMIT_RING_FULL)
		count(counters, dropped_ring_full, 1);
	else
		count(counters, dropped_copy_failed, 1);
	count(counters, dropped_bytes, length - scratch->done);
}

#endif /* OCX_CAPTURE_H */
