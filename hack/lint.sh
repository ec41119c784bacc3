#!/usr/bin/env bash
# golangci-lint over the code, kube-api-linter over the API types.
set -euo pipefail
cd "$(dirname "$0")/.."
tool() { go tool -modfile=hack/tools/go.mod "$@"; }
echo "== golangci-lint"
tool golangci-lint run --build-tags e2e ./...
# Not cmd/wismo-k8s: it is a list of imports, and a linter would analyse all of Kubernetes for it.
(cd hack/cluster && go tool -modfile=../tools/go.mod golangci-lint run -c ../../.golangci.yml . ./internal/... ./cmd/wismo-node/... ./cmd/pause/...)
echo "== kube-api-linter"
tool golangci-lint-kube-api-linter run --config .golangci-kal.yml ./api/...
