/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#ifndef OCX_PROCESS_H
#define OCX_PROCESS_H

/*
 * The task that is current while the packet leaves. Mostly that is the sender;
 * in a softirq (an acknowledgment that clocks out more data, a timer, another
 * task's packet taken from a queue) it is whoever was interrupted. So it is a
 * candidate: user space reports it only after it found the packet's socket
 * among that process's open files.
 */
static __always_inline __u64 candidate_task(struct __sk_buff *skb)
{
	/*
	 * What a pod sends arrives on the host's end of its veth, mostly still in the
	 * sender's context: where calls want a name that is a candidate too.
	 */
	if (!ocx_process_lookup || (skb->pkt_type != PACKET_OUTGOING && !ocx_forwarded_lookup))
		return 0;
	return bpf_get_current_pid_tgid();
}

#endif /* OCX_PROCESS_H */
