#!/usr/bin/env bash
# Taps a real MCP server and client on lo for a few seconds:  hack/demo.sh AGENT
set -euo pipefail
cd "$(dirname "$0")/.."

agent=$1
taken() { ss -Hltn "sport = :$1" | grep -q .; }

port=${OCX_DEMO_PORT:-8080}
[[ -n ${OCX_DEMO_PORT:-} ]] || while taken "$port"; do port=$((port + 1)); done
url=http://127.0.0.1:$port
sample=artifacts/dotnet/bin/Ocx.Samples.Mcp/release/Ocx.Samples.Mcp
work=$(mktemp -d)
pids=()

cleanup() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
  rm -rf "$work"
}
trap cleanup EXIT

if taken "$port"; then
  echo "port $port is taken" >&2
  exit 1
fi

echo "== An MCP server on $url"
"$sample" server "$url" >"$work/server" 2>&1 &
pids+=($!)
for _ in $(seq 600); do
  taken "$port" && break
  sleep 0.1
done

echo "== The agent taps lo"
"$agent" --interface lo --port "$port" --events text >"$work/events" 2>"$work/log" &
agent_pid=$!
pids+=("$agent_pid")
for _ in $(seq 600); do
  grep -q 'Tapping' "$work/log" && break
  kill -0 "$agent_pid" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done

echo "== An MCP client calls tools"
"$sample" client "$url" 3
for _ in $(seq 600); do
  grep -q 'tools/call' "$work/events" && break
  sleep 0.1
done
kill "$agent_pid"
wait "$agent_pid"

echo "== What the agent saw, from the kernel"
cat "$work/events"
echo "== What it counted"
cat "$work/log"
grep -q 'Intercepted MCP Traffic:' "$work/events"
grep -q 'tools/call' "$work/events"
