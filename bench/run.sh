#!/usr/bin/env bash
# Measures the tap beside its peers in network namespaces of its own, and writes artifacts/bench/tap.json:
#   bench/run.sh [PART...]     parts: ring latency bulk footprint; all when none is named
set -euo pipefail
cd "$(dirname "$0")/.."

if ((EUID != 0)); then
  echo "the benchmark loads the filter and makes network namespaces: run it as root" >&2
  exit 1
fi

rid=linux-$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
client=ocx-bench-client-$$
server=ocx-bench-server-$$
address=10.77.0.2
server_pid=

cleanup() {
  [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
  for namespace in "$client" "$server"; do
    # Whatever still runs in it, should the benchmark have failed: its processes would keep the namespace.
    ip netns pids "$namespace" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns delete "$namespace" 2>/dev/null || true
  done
}
trap cleanup EXIT
trap 'exit 130' INT TERM

make --no-print-directory -C bench
dotnet publish bench/Ocx.TapBench -c Release -r "$rid" -o artifacts/publish/tap-bench -v quiet -nologo

for namespace in "$client" "$server"; do
  ip netns add "$namespace"
  # No router solicitations: only the benchmark's packets pass.
  ip netns exec "$namespace" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  ip -n "$namespace" link set lo up
done

# Traffic passes from the client to the server, as it would from a pod to the next.
ip -n "$client" link add tap0 type veth peer name tap1 netns "$server"
ip -n "$client" address add 10.77.0.1/24 dev tap0
ip -n "$server" address add "$address/24" dev tap1
ip -n "$client" link set tap0 up
ip -n "$server" link set tap1 up

# Ready-made frames, up to 64 KiB, leave through ring0 and end behind it.
ip -n "$client" link add ring0 mtu 65535 type veth peer name ring1 mtu 65535
ip -n "$client" link set ring0 up
ip -n "$client" link set ring1 up

ip netns exec "$server" taskset -c 1 artifacts/bench/traffic serve "$address" 8080 &
server_pid=$!

# A mount namespace of `ip netns exec` has a fresh /sys; the agent looks for the kernel's types there, and they are.
ip netns exec "$client" artifacts/publish/tap-bench/Ocx.TapBench run "$address" "$@"
