#!/usr/bin/env bash
# Runs the unit, golden, property and envtest tests of every module. Writes nothing into the tree. The output of failed tests
# of a module is repeated at its end.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${PWD}
KUBEBUILDER_ASSETS=$(go run -C hack/cluster . assets)
export KUBEBUILDER_ASSETS
test_module() {
  go tool -modfile="${root}/hack/tools/go.mod" gotestsum --format standard-quiet --hide-summary skipped -- \
    -timeout 30m ${GOTESTFLAGS:-} ./...
}
for module in . hack/cluster test/installers test/observability; do
  echo "== go test ./... in ${module}"
  (cd "${module}" && test_module)
done
