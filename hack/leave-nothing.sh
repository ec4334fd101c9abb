#!/usr/bin/env bash
# Runs a command, and takes down again the cluster and the engine that it brought up; those that were up before stay:
#   hack/leave-nothing.sh COMMAND...
# The cluster and the engine are the machine's: one such command at a time, those of other checkouts wait.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${OCX_ALONE:-} ]]; then
  # Without the lock's descriptor (-o): what the command leaves running would hold it.
  OCX_ALONE=1 exec flock -o /run/lock/ocx-cluster "hack/$(basename "$0")" "$@"
fi

before=$(ls -d /run/ocx-cluster /run/ocx-docker 2>/dev/null || true)
clean_up() {
  [[ $before == *ocx-cluster* ]] || hack/cluster/down
  [[ $before == *ocx-docker* ]] || hack/docker/engine down
}
trap clean_up EXIT
"$@"
