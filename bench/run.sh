#!/usr/bin/env bash
# Measures the tap beside its peers in network namespaces of its own, and writes artifacts/bench/tap.json:
#   bench/run.sh [PART...]     parts: ring calls latency bulk footprint telemetry connections; all when none is named
# OCX_BENCH_SECONDS (60) is how long connections opens OCX_BENCH_RATE (2000) of them a second.
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
free_address=10.77.1.2
server_pids=()

cleanup() {
  ((!${#server_pids[@]})) || kill "${server_pids[@]}" 2>/dev/null || true
  for namespace in "$client" "$server"; do
    # Whatever still runs in it, should the benchmark have failed: its processes would keep the namespace.
    ip netns pids "$namespace" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns delete "$namespace" 2>/dev/null || true
  done
}
trap cleanup EXIT
trap 'exit 130' HUP INT PIPE TERM

make --no-print-directory -C bench
dotnet build samples/Ocx.Samples.Mcp -c Release -v quiet -nologo -clp:NoSummary
dotnet publish bench/Ocx.TapBench -c Release -r "$rid" -o artifacts/publish/tap-bench -v quiet -nologo

for namespace in "$client" "$server"; do
  ip netns add "$namespace"
  # No router solicitations: only the benchmark's packets pass.
  ip netns exec "$namespace" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  ip -n "$namespace" link set lo up
done

# Traffic passes from the client to the server, as it would from a pod to the next: over a link to tap, and over its
# twin without a tap.
link() {
  local here=$1 there=$2 network=$3
  ip -n "$client" link add "$here" type veth peer name "$there" netns "$server"
  ip -n "$client" address add "$network.1/24" dev "$here"
  ip -n "$server" address add "$network.2/24" dev "$there"
  ip -n "$client" link set "$here" up
  ip -n "$server" link set "$there" up
}
link tap0 tap1 "${address%.*}"
link free0 free1 "${free_address%.*}"

# Ready-made frames, up to 64 KiB, leave through ring0 and end behind it.
ip -n "$client" link add ring0 mtu 65535 type veth peer name ring1 mtu 65535
ip -n "$client" link set ring0 up
ip -n "$client" link set ring1 up

serve() {
  ip netns exec "$server" taskset -c 1 "$@" >/dev/null &
  server_pids+=($!)
}
serve artifacts/bench/traffic serve "$address" 8080
serve artifacts/bench/traffic serve "$free_address" 8080
serve artifacts/dotnet/bin/Ocx.Samples.Mcp/release/Ocx.Samples.Mcp server http://0.0.0.0:8081
for listener in "$address:8080" "$free_address:8080" 0.0.0.0:8081; do
  for _ in $(seq 100); do
    ip netns exec "$server" ss -Hltn "src $listener" | grep -q . && break
    sleep 0.1
  done
done

ip netns exec "$client" artifacts/publish/tap-bench/Ocx.TapBench run "$address" "$free_address" "$@"
