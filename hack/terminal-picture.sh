#!/usr/bin/env bash
# Draws docs/images/terminal.svg, the picture in the README, from what the commands print about real MCP calls:
#   hack/terminal-picture.sh AGENT OCX
set -euo pipefail
cd "$(dirname "$0")/.."

agent=$(realpath "$1")
ocx=$(realpath "$2")
. hack/picture-namespace.sh

# As a person sees it: on a terminal, with colours.
on_terminal() {
  TERM=xterm-256color script --quiet --command "stty cols 140; $1" /dev/null </dev/null
}

start_into "$work/calls" "$agent" --interface lo --port 8080 --events calls --http-port 9910
await http://127.0.0.1:9910/readyz

inside "$sample" client "$server" 2 >>"$work/log" 2>&1
# A tool that is not there: an error among the calls.
call_nothing 7
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
