#!/usr/bin/env bash
# Runs a command, and takes down again the cluster and the engine that it brought up; those that were up before stay:
#   hack/leave-nothing.sh COMMAND...
# Fails when something of them is left. The cluster and the engine are the machine's: one such command at a time, those
# of other checkouts wait.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${OCX_ALONE:-} ]]; then
  # Without the lock's descriptor (-o): what the command leaves running would hold it.
  OCX_ALONE=1 exec flock -o /run/lock/ocx-cluster "hack/$(basename "$0")" "$@"
fi

processes() { pgrep -af '^[^ ]*(dockerd|containerd|kube|etcd)[^ ]* .*/run/ocx-(cluster|docker)' || true; }
# Processes, mounts, links and packet rules of clusters and engines.
there() {
  processes
  grep -E ' /run/ocx-(cluster|docker)' /proc/self/mounts || true
  ip -oneline link show 2>/dev/null | grep -oE ' (ocx-node0|ocx-pods0|docker0):' || true
  { iptables-save; ip6tables-save; } 2>/dev/null |
    grep -E '^[:-].*(DOCKER|docker0|ocx-pods0|KUBE-)' | sed 's/ \[.*//' || true
}

before=$(processes | grep -oE '/run/ocx-(cluster|docker)' | sort -u || true)
there_before=$(there)
clean_up() {
  local status=$? left
  [[ $before == *ocx-cluster* ]] || hack/cluster/down || status=1
  [[ $before == *ocx-docker* ]] || hack/docker/engine down || status=1
  left=$(there | grep -vxFf <(echo "$there_before") || true)
  if [[ -z $before && -n $left ]]; then
    printf 'left behind:\n%s\n' "$left" >&2
    exit 1
  fi
  exit "$status"
}
trap clean_up EXIT
"$@"
