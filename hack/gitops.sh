#!/usr/bin/env bash
# The real Flux brings config/samples from a git server: on the cluster that KUBECONFIG names, where the operator runs, else
# on a local cluster of its own. The controllers are built from their modules, once a version.
set -euo pipefail
cd "$(dirname "$0")/.."
flux=(github.com/fluxcd/source-controller github.com/fluxcd/kustomize-controller)

version=$(go list -C test/gitops -m -f '{{.Version}}' "${flux[@]}" | paste -sd-)
WISMO_FLUX_BINARIES=${XDG_CACHE_HOME:-$HOME/.cache}/wismo-gitops/${version}
if [ ! -x "${WISMO_FLUX_BINARIES}/kustomize-controller" ]; then
  echo "== building Flux ${version}, once: some minutes"
  mkdir -p "${WISMO_FLUX_BINARIES}"
  time go build -C test/gitops -ldflags "-s -w" -o "${WISMO_FLUX_BINARIES}/" "${flux[@]}"
fi
WISMO_FLUX_CRDS=$(go list -C test/gitops -m -f '{{.Dir}}/config/crd/bases' "${flux[@]}" | paste -sd:)
export WISMO_FLUX_BINARIES WISMO_FLUX_CRDS

if [ -z "${KUBECONFIG:-}" ]; then
  export WISMO_CLUSTER=${WISMO_CLUSTER:-gitops}
  go run -C hack/cluster . up
  go run -C hack/cluster . load
  eval "$(go run -C hack/cluster . env)"
  trap 'go run -C hack/cluster . down' EXIT
  kubectl=$(go run -C hack/cluster . assets)/kubectl
  "${kubectl}" apply --server-side -k config/default
  "${kubectl}" rollout status deployment/wismo-manager -n wismo-system --timeout=3m
fi
go test -C test/gitops -count 1 -timeout 20m -v ./...
