#!/usr/bin/env bash
# Unit, golden, property and envtest tests of every module. Writes nothing into the tree.
set -euo pipefail
cd "$(dirname "$0")/.."
KUBEBUILDER_ASSETS=$(go run -C hack/cluster . assets)
export KUBEBUILDER_ASSETS
for module in . hack/cluster test/installers test/observability; do
  echo "== go test ./... in ${module}"
  go test -C "${module}" -timeout 30m ${GOTESTFLAGS:-} ./...
done
