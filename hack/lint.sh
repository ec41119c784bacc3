#!/usr/bin/env bash
# golangci-lint over the code, kube-api-linter over the API types, shellcheck-free by keeping scripts short.
set -euo pipefail
cd "$(dirname "$0")/.."
tool() { go tool -modfile=hack/tools/go.mod "$@"; }
echo "== golangci-lint"
tool golangci-lint run ./...
(cd hack/cluster && go tool -modfile=../tools/go.mod golangci-lint run -c ../../.golangci.yml ./...)
echo "== kube-api-linter"
tool golangci-lint-kube-api-linter run --config .golangci-kal.yml ./api/...
