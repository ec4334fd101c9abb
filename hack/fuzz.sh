#!/usr/bin/env bash
# Fuzzes each parser by AFL++ with coverage, two at a time, and fails when an input crashed one or hung it:
#   hack/fuzz.sh MINUTES [TARGET...]
# What AFL++ found is in artifacts/fuzz/TARGET; a crash's input is in crashes/, a hang's in hangs/.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:?usage: hack/fuzz.sh MINUTES [TARGET...]}
shift
corpus=tests/Ocx.Fuzz/corpus
targets=("$@")
((${#targets[@]})) || mapfile -t targets < <(ls "$corpus")

out=artifacts/fuzz
program=$PWD/artifacts/publish/fuzz
rm -rf "$out" "$program"
mkdir -p "$out"
dotnet tool restore
dotnet publish tests/Ocx.Fuzz -c Release -o "$program" -v quiet -nologo
for parsers in Ocx.Mcp Ocx.Audit Ocx.Text Ocx.Netfilter ocx-gate; do dotnet sharpfuzz "$program/$parsers.dll"; done

export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1
fuzz() {
  local target=$1
  afl-fuzz -i "$corpus/$target" -o "$out/$target" -V "$((minutes * 60))" -t 5000 -m none -- \
    dotnet "$program/Ocx.Fuzz.dll" "$target" >"$out/$target.log" 2>&1 ||
    { tail -20 "$out/$target.log" >&2; return 1; }
}

failed=0
running=()
for target in "${targets[@]}"; do
  echo "fuzzing $target for $minutes minutes"
  fuzz "$target" &
  running+=($!)
  if ((${#running[@]} == 2)); then
    for job in "${running[@]}"; do wait "$job" || failed=1; done
    running=()
  fi
done
for job in "${running[@]}"; do wait "$job" || failed=1; done

printf '%-8s %12s %10s %8s %8s %8s\n' target inputs 'inputs/s' corpus crashes hangs
for target in "${targets[@]}"; do
  stats=$out/$target/default/fuzzer_stats
  value() { sed -n "s/^$1 *: *//p" "$stats"; }
  printf '%-8s %12s %10s %8s %8s %8s\n' "$target" "$(value execs_done)" "$(value execs_per_sec)" \
    "$(value corpus_count)" "$(value saved_crashes)" "$(value saved_hangs)"
  (($(value saved_crashes) == 0 && $(value saved_hangs) == 0)) || failed=1
done
exit "$failed"
