/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef OCX_STATS_H
#define OCX_STATS_H

/*
 * One set per CPU, so plain increments suffice: the filter runs with bottom
 * halves disabled and never interrupts itself on one CPU.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ocx_counters);
} stats SEC(".maps");

static __always_inline struct ocx_counters *this_cpu_counters(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&stats, &zero);
}

/*
 * Adds to one counter. The empty assembly keeps the compiler from merging the
 * additions at the ends of two paths into one with a variable offset: that is
 * pointer arithmetic which the verifier refuses without CAP_PERFMON.
 */
#define count(counters, field, n)                                                                  \
	do {                                                                                         \
		(counters)->field += (n);                                                            \
		asm volatile("");                                                                    \
	} while (0)

#endif /* OCX_STATS_H */
