// SPDX-License-Identifier: Apache-2.0
/*
 * The peer of the agent's reader: the same filter object, settings, packets and
 * way of reading (drain, then poll 25 ms), in C with libbpf alone. Its twin is
 * bench/Ocx.TapBench/Ring/RingMeasurement.cs; both do the same steps in the
 * same order and print the same line. Of drain only the last number counts.
 *
 *	consumer testrun|veth|drain PORT PAYLOAD INTERFACE TCP_FLAGS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

typedef __u8 u8;
#include "../../bpf/event.h"
#include "socket_filter.skel.h"

#define TAPPED_PORT	8080
#define RING_SIZE	(16u << 20)
#define WAKEUP_BYTES	(2u << 20)
#define POLL_MS		25
#define GENERATOR_CPU	0
#define CONSUMER_CPU	1
#define MAX_BURST	20000
#define DRAINS		12
#define PACED_NS	400000000ull
#define FLOOD_NS	600000000ull
#define FRAME_HEADERS	54

static struct ocx_filter *filter;
static struct ring_buffer *ring;
static _Atomic __u64 records;
static __u64 bytes;
static atomic_bool stopping;

static u8 frame[FRAME_HEADERS + 65536];
static size_t frame_length;
static int interface_index;
static int raw_socket = -1;
static __u64 test_run_ns, test_runs;

static __u64 now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "cannot pin to CPU %d", cpu);
}

static void put16(size_t offset, __u16 value)
{
	value = htons(value);
	memcpy(frame + offset, &value, sizeof(value));
}

/* To a MAC address that nobody has: a real stack behind the veth drops it without an answer. */
static void build_frame(__u16 port, __u16 payload, u8 flags)
{
	static const u8 ethernet[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };
	static const u8 addresses[] = { 10, 0, 0, 1, 10, 0, 0, 2 };

	memcpy(frame, ethernet, sizeof(ethernet));
	frame[14] = 0x45;
	put16(16, 40 + payload);
	frame[22] = 64;
	frame[23] = IPPROTO_TCP;
	memcpy(frame + 26, addresses, sizeof(addresses));
	put16(34, 40000);
	put16(36, port);
	frame[46] = 0x50;
	frame[47] = flags;
	memset(frame + FRAME_HEADERS, 'x', payload);
	frame_length = FRAME_HEADERS + payload;
}

static void load(void)
{
	filter = ocx_filter__open();
	if (!filter)
		err(1, "cannot open the filter");
	filter->rodata->ocx_ports[0] = htons(TAPPED_PORT);
	filter->rodata->ocx_port_count = 1;
	filter->rodata->ocx_snap_length = OCX_MAX_RECORD_PAYLOAD;
	filter->rodata->ocx_record_payload = OCX_MAX_RECORD_PAYLOAD;
	filter->rodata->ocx_wakeup_bytes = WAKEUP_BYTES;
	filter->rodata->ocx_control_bytes = RING_SIZE / 4;
	filter->rodata->ocx_process_lookup = false;
	filter->rodata->ocx_flow_ownership = false;
	bpf_map__set_max_entries(filter->maps.flow_owners, 1);
	bpf_map__set_max_entries(filter->maps.events, RING_SIZE);
	if (ocx_filter__load(filter))
		errx(1, "cannot load the filter");
}

static void attach(void)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(3 /* ETH_P_ALL */),
		.sll_ifindex = interface_index,
	};
	int program = bpf_program__fd(filter->progs.ocx_socket_filter);
	int tap = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (tap < 0 || setsockopt(tap, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) ||
	    bind(tap, (struct sockaddr *)&address, sizeof(address)))
		err(1, "cannot attach the filter");

	raw_socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	address.sll_protocol = 0;
	if (raw_socket < 0 || bind(raw_socket, (struct sockaddr *)&address, sizeof(address)))
		err(1, "cannot open a socket for packets");
	if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		err(1, "cannot have the kernel time its programs");
}

static void send_packets(int count)
{
	struct __sk_buff context = { .ifindex = interface_index };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = frame_length,
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = count);

	if (raw_socket >= 0) {
		while (count--)
			if (send(raw_socket, frame, frame_length, 0) < 0)
				err(1, "cannot send");
		return;
	}
	if (bpf_prog_test_run_opts(bpf_program__fd(filter->progs.ocx_socket_filter), &options))
		err(1, "cannot run the filter");
	test_run_ns += (__u64)options.duration * count;
	test_runs += count;
}

static void kernel_time(__u64 *ns, __u64 *runs)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	*ns = test_run_ns;
	*runs = test_runs;
	if (raw_socket < 0)
		return;
	if (bpf_obj_get_info_by_fd(bpf_program__fd(filter->progs.ocx_socket_filter), &info, &length))
		err(1, "cannot read the filter's run time");
	*ns = info.run_time_ns;
	*runs = info.run_cnt;
}

static struct ocx_counters counters(void)
{
	struct ocx_counters all[libbpf_num_possible_cpus()], sum = {};
	__u32 zero = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(filter->maps.stats), &zero, all))
		err(1, "cannot read the counters");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		sum.filtered += all[i].filtered;
		sum.dropped_ring_full += all[i].dropped_ring_full;
		sum.dropped_copy_failed += all[i].dropped_copy_failed;
		sum.control_lost += all[i].control_lost;
		sum.records += all[i].records;
	}
	return sum;
}

/* What the agent's loop does to a record: check the header, count it, hand on its length. */
static int on_record(void *context, void *data, size_t size)
{
	const struct ocx_record *record = data;

	(void)context;
	if (size < sizeof(*record) || record->captured > size - sizeof(*record))
		errx(1, "a record is shorter than it says");
	atomic_store_explicit(&records, atomic_load_explicit(&records, memory_order_relaxed) + 1,
			      memory_order_relaxed);
	bytes += record->captured;
	return 0;
}

static void *consume(void *unused)
{
	(void)unused;
	pin(CONSUMER_CPU);
	while (!stopping) {
		ring_buffer__consume(ring);
		ring_buffer__poll(ring, POLL_MS);
	}
	return NULL;
}

static void wait_until_read(void)
{
	__u64 submitted = counters().records;

	while (atomic_load(&records) < submitted)
		sched_yield();
}

/* The ring filled first, then read in one go: the reader alone. */
static double drain(int burst)
{
	__u64 spent = 0, before = records;

	for (int i = 0; i < DRAINS; i++) {
		__u64 start;

		pin(GENERATOR_CPU);
		send_packets(burst);
		pin(CONSUMER_CPU);
		start = now_ns();
		ring_buffer__consume(ring);
		spent += now_ns() - start;
	}
	return records == before ? 0 : (double)spent / (records - before);
}

/* Bursts that half fill the ring, each read before the next: nothing is dropped. */
static double paced(int burst)
{
	__u64 deadline = now_ns() + PACED_NS, ns, runs, ns_before, runs_before;

	kernel_time(&ns_before, &runs_before);
	while (now_ns() < deadline) {
		send_packets(burst);
		wait_until_read();
	}
	kernel_time(&ns, &runs);
	return (double)(ns - ns_before) / (runs - runs_before);
}

int main(int argc, char **argv)
{
	__u32 record = 128, payload;
	double packet_ns, seconds;
	struct ocx_counters before, after;
	__u64 start, count, count_before, bytes_before, read_bytes;
	pthread_t thread;
	int burst;

	if (argc != 6)
		errx(2, "usage: consumer testrun|veth|drain PORT PAYLOAD INTERFACE TCP_FLAGS");
	payload = atoi(argv[3]);
	interface_index = if_nametoindex(argv[4]);
	build_frame(atoi(argv[2]), payload, atoi(argv[5]));
	while (record < payload)
		record *= 2;
	burst = RING_SIZE / 2 / (record + sizeof(struct ocx_record) + 8);
	if (burst > MAX_BURST)
		burst = MAX_BURST;

	load();
	if (!strcmp(argv[1], "veth"))
		attach();
	ring = ring_buffer__new(bpf_map__fd(filter->maps.events), on_record, NULL, NULL);
	if (!ring)
		err(1, "cannot map the ring");

	if (!strcmp(argv[1], "drain")) {
		printf("0 0 0 0 %f\n", drain(burst));
		return 0;
	}
	if (pthread_create(&thread, NULL, consume, NULL))
		errx(1, "cannot start a thread");
	pin(GENERATOR_CPU);
	packet_ns = paced(burst);

	/* Without a pause, for as much as the reader takes. */
	before = counters();
	count_before = records;
	bytes_before = bytes;
	start = now_ns();
	while (now_ns() - start < FLOOD_NS)
		send_packets(burst);
	seconds = (now_ns() - start) / 1e9;
	count = records - count_before;
	read_bytes = bytes - bytes_before;
	after = counters();
	wait_until_read();
	stopping = true;
	pthread_join(thread, NULL);

	__u64 dropped = after.dropped_ring_full + after.dropped_copy_failed + after.control_lost -
			before.dropped_ring_full - before.dropped_copy_failed - before.control_lost;
	__u64 filtered = after.filtered - before.filtered;

	printf("%f %f %f %f 0\n", packet_ns, count / seconds,
	       read_bytes / seconds,
	       filtered == 0 ? 0 : (double)dropped / filtered);
	return 0;
}
