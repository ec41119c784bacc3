#!/usr/bin/env bash
# Onboards a thousand Shops against an API server that fails in every way and an operator that is killed at every write; then
# rolls out releases while the operator is killed (kill -9) at fifty random moments: chaos.sh [RUNS] [SEED] [KILLS]. Prints every round;
# the last line of a failure is the command that reproduces it.
set -euo pipefail
cd "$(dirname "$0")/.."
KUBEBUILDER_ASSETS=$(go run -C hack/cluster . assets)
export KUBEBUILDER_ASSETS
go test -count 1 -timeout 6h -v ./test/chaos -args -runs "${1:-1000}" -seed "${2:-1}" -kills "${3:-50}"
