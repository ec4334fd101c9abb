#!/usr/bin/env bash
# Draws docs/images/terminal.svg, the picture in the README, from what the commands print about real MCP calls:
#   hack/terminal-picture.sh AGENT OCX
# All of it runs in a network namespace that has nothing but lo and is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

agent=$(realpath "$1")
ocx=$(realpath "$2")
sample=artifacts/dotnet/bin/Ocx.Samples.Mcp/release/Ocx.Samples.Mcp
namespace=ocx-terminal-$$
server=http://127.0.0.1:8080
work=$(mktemp -d)
pids=()

cleanup() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  ip netns delete "$namespace" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

inside() {
  ip netns exec "$namespace" "$@"
}

await() {
  for _ in $(seq 200); do
    inside curl -s -o /dev/null "$1" && return
    sleep 0.1
  done
  echo "nothing answers on $1" >&2
  cat "$work/log" >&2
  exit 1
}

# As a person sees it: on a terminal, with colours.
on_terminal() {
  TERM=xterm-256color script --quiet --command "stty cols 140; $1" /dev/null </dev/null
}

ip netns add "$namespace"
ip -n "$namespace" link set lo up
inside "$sample" server "$server" >>"$work/log" 2>&1 &
pids+=($!)
await "$server"
inside "$agent" --interface lo --port 8080 --events calls --http-port 9910 >"$work/calls" 2>>"$work/log" &
pids+=($!)
await http://127.0.0.1:9910/readyz

inside "$sample" client "$server" 2 >>"$work/log" 2>&1
# A tool that is not there: an error among the calls.
inside curl -s -o /dev/null "$server" -H 'Content-Type: application/json' \
  -H 'Accept: application/json, text/event-stream' -H 'MCP-Protocol-Version: 2025-06-18' \
  -d '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"no-such-tool","arguments":{}}}'
for _ in $(seq 100); do
  grep -q no-such-tool "$work/calls" && break
  sleep 0.1
done

{
  echo "$ sudo ocx-node-agent --interface lo --events calls | ocx observe --input -"
  on_terminal "$ocx observe --input $work/calls"
  echo
  echo "$ ocx status --agent http://127.0.0.1:9910 | grep -E 'METRIC|captur|dropped'"
  inside "$ocx" status --agent http://127.0.0.1:9910 | grep -E 'METRIC|captur|dropped'
} >"$work/shown"
hack/terminal-svg <"$work/shown" >"$work/terminal.svg"
mkdir -p docs/images
cp "$work/terminal.svg" docs/images/terminal.svg
echo "docs/images/terminal.svg, made on $(date -u +%F)"
