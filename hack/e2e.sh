#!/usr/bin/env bash
# Runs the end-to-end tests on the cluster that KUBECONFIG names, else on the local one, which is started for it.
# Six tests with a Shop of their own at once keep two cores busy, and wait for each other hardly more than for the kubelet.
set -euo pipefail
cd "$(dirname "$0")/.."
# One package, so that its output comes as it happens; what the failed ones said is repeated at the end.
exec go tool -modfile=hack/tools/go.mod gotestsum --format standard-verbose --hide-summary skipped -- \
  -tags e2e -count 1 -timeout 40m -parallel 6 ./test/e2e "$@"
