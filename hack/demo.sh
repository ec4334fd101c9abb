#!/usr/bin/env bash
# Taps a real MCP server and client on lo for a few seconds, and has their calls audited:
#   hack/demo.sh AGENT OCX AUDITOR GATE
set -euo pipefail
cd "$(dirname "$0")/.."

agent=$1 ocx=$2 auditor=$3 gate=$4
. hack/demo-parts.sh

port=${OCX_DEMO_PORT:-$(free 8080)}
url=http://127.0.0.1:$port
sample=artifacts/dotnet/bin/Ocx.Samples.Mcp/release/Ocx.Samples.Mcp
socket=unix:$work/auditor.sock

cleanup() {
  end_all
  rm -rf "$work"
}
trap cleanup EXIT

judged() { [[ $(audit list --last 1000 -o json | wc -l) -ge $1 ]]; }

if taken "$port"; then
  echo "port $port is taken" >&2
  exit 1
fi

echo "== An MCP server on $url"
"$sample" server "$url" >"$work/server" 2>&1 &
pids+=($!)
await "the server listens" taken "$port"

echo "== An auditor with the audits of samples/audit.yaml"
sed "s/port: 8080/port: $port/" samples/audit.yaml >"$work/audits.yaml"
"$auditor" --audits "$work/audits.yaml" --listen "$socket" --ledger "$work/ledger.db" >"$work/verdicts" 2>&1 &
pids+=($!)
await "the auditor answers" answers

echo "== The agent taps lo"
"$agent" --interface lo --port "$port" --events text --auditor "$socket" >"$work/events" 2>"$work/log" &
agent_pid=$!
pids+=("$agent_pid")
tapping() { grep -q 'Tapping' "$work/log" || ! kill -0 "$agent_pid"; }
await "the agent taps" tapping
kill -0 "$agent_pid" 2>/dev/null || { cat "$work/log" >&2; exit 1; }

echo "== An MCP client calls tools"
"$sample" client "$url" 3
await "the calls are judged" judged 6

echo "== What the agent saw, from the kernel"
cat "$work/events"
grep -q 'Intercepted MCP Traffic:' "$work/events"
grep -q 'tools/call' "$work/events"

echo "== A call that is harmless, one that deletes, one with a credential, one with encoded data"
encoded=$(head -c 3000 /dev/urandom | base64 -w 0)
"$sample" call "$url" \
  echo '{"text":"hello"}' \
  delete_orders '{"customer":"ann"}' \
  echo '{"text":"the key is sk-proj-Zq8vN3xK7mT2wR5yL9bH4jD6"}' \
  echo "{\"text\":\"$encoded\"}"
await "the calls are judged" judged 10

echo "== What the jury says of them: nothing is held back yet, it is recorded what would have been"
audit list --last 4 | tee "$work/list"
grep -q 'Held.*somebody has to look at deletes' "$work/list"
grep -q 'Refused.*a credential is on its way to a tool' "$work/list"
grep -q 'Held.*look encoded' "$work/list"

echo "== A person approves the delete, and the same call is released"
audit approvals
id=$(audit approvals -o json | grep '"tool":"delete_orders"' | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
audit approve "$id" --reason 'ann asked for it'
"$sample" call "$url" delete_orders '{"customer":"ann"}'
await "the call is judged" judged 11
audit list --last 1 | tee "$work/list"
grep -q 'Released.*approved by' "$work/list"

echo "== A call is taken back by its revert token, with the call that the audit declares"
"$sample" call "$url" cancel_order '{"order":42}'
await "the call is judged" judged 12
call=$(audit list --last 1 -o json | sed 's/.*"call":"\([0-9a-f]*\)".*/\1/')
token=$(audit show "$call" | sed -n 's/^Token: *\(ocxr1[^ ]*\) .*/\1/p')
audit revert "$token"
audit revert "$token" --yes --reason 'ann wants it after all' | tee "$work/list"
grep -q 'order 42 is restored' "$work/list"
await "the call that takes it back is judged" judged 15
audit list --last 4
if audit revert "$token" --yes; then
  echo "a token was used twice" >&2
  exit 1
fi

echo "== The ledger is as it was written"
audit verify

echo "== A gate, which carries out what another auditor says by samples/enforce.yaml"
mkdir "$work/gate"
socket=unix:$work/gate/auditor.sock
sed "s/port: 8080/port: $port/" samples/enforce.yaml >"$work/enforce.yaml"
"$auditor" --audits "$work/enforce.yaml" --listen "$socket" --ledger "$work/gate/ledger.db" >>"$work/verdicts" 2>&1 &
pids+=($!)
await "the auditor answers" answers
"$gate" --port "$port" --auditor "$socket" --http-port 0 >"$work/holds" 2>&1 &
gate_pid=$!
pids+=("$gate_pid")
holds() { grep -q 'Holding by the rules of 1 audits' "$work/holds" || ! kill -0 "$gate_pid"; }
await "the gate holds" holds
kill -0 "$gate_pid" 2>/dev/null || { cat "$work/holds" >&2; exit 1; }

echo "== A call that is harmless passes, and one that deletes everything never reaches the server"
{ "$sample" call "$url" echo '{"text":"hello"}' delete_orders '{"customer":"*"}' || true; } | tee "$work/list"
grep -q '^echo: hello' "$work/list"
grep -q 'delete_orders: error -32090:.*refused by audit:.*it deletes the orders of all customers' "$work/list"

echo "== A call that somebody has to look at waits in the kernel until he has"
"$sample" call "$url" delete_orders '{"customer":"ann"}' >"$work/list" &
call=$!
waits() { [[ $(audit approvals -o json | wc -l) -ge 1 ]]; }
await "the call waits" waits
audit approvals
kill -0 "$call"
audit approve "$(audit approvals -o json | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')" --reason 'ann asked for it'
wait "$call"
cat "$work/list"
grep -q '^delete_orders: no orders of ann are left' "$work/list"
audit list
audit verify
kill "$gate_pid"
wait "$gate_pid"
cat "$work/holds"

kill "$agent_pid"
wait "$agent_pid"
echo "== What the agent counted"
cat "$work/log"
if grep -q 'sk-proj-Zq8vN3xK7mT2wR5yL9bH4jD6' "$work"/{ledger,approvals}.db* "$work"/{verdicts,log}; then
  echo "the credential was kept" >&2
  exit 1
fi
