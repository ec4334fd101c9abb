#!/usr/bin/env bash
# Runs a command, and takes down again the cluster and the engine that it brought up; those that were up before stay:
#   hack/leave-nothing.sh COMMAND...
set -euo pipefail
cd "$(dirname "$0")/.."

before=$(ls -d /run/ocx-cluster /run/ocx-docker 2>/dev/null || true)
clean_up() {
  [[ $before == *ocx-cluster* ]] || hack/cluster/down
  [[ $before == *ocx-docker* ]] || hack/docker/engine down
}
trap clean_up EXIT
"$@"
