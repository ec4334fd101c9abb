#!/usr/bin/env bash
# Builds and runs test projects, each as the program that it is, and writes one result file for each:
#   hack/run-tests.sh Ocx.Bpf.Tests Ocx.Kernel.Tests
set -euo pipefail
cd "$(dirname "$0")/.."

results=artifacts/test
mkdir -p "$results"
failed=()
for project in "$@"; do
  echo "== $project"
  rm -f "$results/$project.xml"
  dotnet build "tests/$project" -v quiet -nologo
  "artifacts/dotnet/bin/$project/debug/$project" -noLogo -result-xml "$results/$project.xml" || failed+=("$project")
done
if ((${#failed[@]})); then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
