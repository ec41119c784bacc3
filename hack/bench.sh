#!/usr/bin/env bash
# Runs the benchmarks whose results are in docs/RESULTS.md, with the machine they ran on: the two processes of one Shop first,
# while nothing else is busy. Both want two cores of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
grep -m1 'model name' /proc/cpuinfo || true
go version
go run ./hack/footprint "$@"
go test -run '^$' -bench . -benchmem -count 3 ./internal/...
