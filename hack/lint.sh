#!/usr/bin/env bash
# Runs golangci-lint over the code of every module, kube-api-linter over the API types, actionlint over the workflows.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${PWD}
tool() { go tool -modfile="${root}/hack/tools/go.mod" "$@"; }
lint() { # DIRECTORY PACKAGES...
  echo "== golangci-lint in $1"
  (cd "$1" && shift && tool golangci-lint run -c "${root}/.golangci.yml" --build-tags e2e "$@")
}
# hack/release and test/scale/kwok hold no code of ours, hack/ingress one plugin that only compiles inside Traefik's module.
lint . ./...
# Not cmd/wismo-k8s: it is a list of imports, and a linter would analyse all of Kubernetes for it.
lint hack/cluster . ./internal/... ./cmd/wismo-node/... ./cmd/pause/...
for module in hack/tools test/gitops test/installers test/observability test/scale; do
  lint "${module}" ./...
done
echo "== kube-api-linter"
tool golangci-lint-kube-api-linter run --config .golangci-kal.yml ./api/...
echo "== actionlint"
# Without shellcheck and pyflakes, whether the machine has them or not: the result must not depend on that.
tool actionlint -shellcheck= -pyflakes=
