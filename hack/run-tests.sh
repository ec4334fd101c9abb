#!/usr/bin/env bash
# Builds and runs test projects, each as the program that it is, and writes one result file for each:
#   hack/run-tests.sh Ocx.Bpf.Tests Ocx.Kernel.Tests
# With BUILT they are built already. Each run has an order of its own, of classes, methods and theory rows, by a seed
# that is printed; SEED=N repeats one.
set -euo pipefail
cd "$(dirname "$0")/.."

seed=${SEED:-$((RANDOM * 32768 + RANDOM))}
results=artifacts/test
mkdir -p "$results"
failed=()
for project in "$@"; do
  echo "== $project, in the order of seed $seed"
  rm -f "$results/$project.xml"
  [[ -n ${BUILT:-} ]] || dotnet build "tests/$project" -v quiet -nologo
  "artifacts/dotnet/bin/$project/debug/$project" ":$seed" -preEnumerateTheories -noLogo \
    -result-xml "$results/$project.xml" || failed+=("$project")
done
if ((${#failed[@]})); then
  echo "failed: ${failed[*]}; the same order again: SEED=$seed hack/run-tests.sh ${failed[*]}" >&2
  exit 1
fi
