#!/usr/bin/env bash
# The benchmarks whose results stand in docs/RESULTS.md, with the machine they ran on.
set -euo pipefail
cd "$(dirname "$0")/.."
grep -m1 'model name' /proc/cpuinfo || true
go version
go test -run '^$' -bench . -benchmem -count 3 ./internal/...
