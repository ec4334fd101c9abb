// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Pushes and pops VLAN tags as a VLAN device does, for kernels that have none. Attached by tc(8). */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("classifier/push_one")
int push_one(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, bpf_htons(0x8100), 10);
	return TC_ACT_OK;
}

SEC("classifier/push_two")
int push_two(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, bpf_htons(0x8100), 20);
	bpf_skb_vlan_push(skb, bpf_htons(0x88A8), 10);
	return TC_ACT_OK;
}

SEC("classifier/pop_one")
int pop_one(struct __sk_buff *skb)
{
	bpf_skb_vlan_pop(skb);
	return TC_ACT_OK;
}

SEC("classifier/pop_two")
int pop_two(struct __sk_buff *skb)
{
	bpf_skb_vlan_pop(skb);
	bpf_skb_vlan_pop(skb);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
