#!/usr/bin/env bash
# End-to-end tests: on the cluster that KUBECONFIG names, else on the local one, which is started for it.
set -euo pipefail
cd "$(dirname "$0")/.."
exec go test -tags e2e -count 1 -timeout 30m -v ./test/e2e "$@" # one package: its output comes as it happens
