#!/usr/bin/env bash
# What the demos have in common; they source it. They set ocx, the command, and socket, the auditor's, themselves.

work=$(mktemp -d /tmp/ocx-demo.XXXXXX)
pids=()

# Ends what was started, the newest last. Those that ended so have an exit code that says it.
end_all() {
  for pid in "${pids[@]}"; do
    if kill "$pid" 2>/dev/null; then wait "$pid" 2>/dev/null || true; fi
  done
}

taken() { ss -Hltn "sport = :$1" | grep -q .; }

# free PORT: the first port from there on that nobody listens on.
free() {
  local port=$1
  while taken "$port"; do port=$((port + 1)); done
  echo "$port"
}

# await WHAT COMMAND...: until the command succeeds, a minute at most.
await() {
  local what=$1
  shift
  for _ in $(seq 600); do
    "$@" 2>/dev/null && return
    sleep 0.1
  done
  echo "$what: not within a minute" >&2
  cat "$work"/{log,verdicts} >&2
  exit 1
}

# shellcheck disable=SC2154
audit() { "$ocx" audit "$@" --auditor "$socket"; }
answers() { audit list --last 1 >/dev/null; }
