# shellcheck shell=bash
# Sourced from the repository's root by the scripts that draw pictures: a network namespace that has nothing but lo, in
# which an MCP server answers at $server. All of it is removed at the end, as is the folder $work.

sample=artifacts/dotnet/bin/Ocx.Samples.Mcp/release/Ocx.Samples.Mcp
namespace=ocx-pictures-$$
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

# In the background, until the end. Standard output goes to a file.
start_into() {
  local output=$1
  shift
  inside "$@" >>"$output" 2>>"$work/log" &
  pids+=($!)
}

start() {
  start_into "$work/log" "$@"
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

# Sends a call of a tool that is not there, with an id.
call_nothing() {
  inside curl -s -o /dev/null "$server" -H 'Content-Type: application/json' \
    -H 'Accept: application/json, text/event-stream' -H 'MCP-Protocol-Version: 2025-06-18' \
    -d '{"jsonrpc":"2.0","id":'"$1"',"method":"tools/call","params":{"name":"no-such-tool","arguments":{}}}'
}

ip netns add "$namespace"
ip -n "$namespace" link set lo up
start "$sample" server "$server"
await "$server"
