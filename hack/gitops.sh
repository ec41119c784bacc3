#!/usr/bin/env bash
# The real Flux brings config/samples from a git server: on the cluster that KUBECONFIG names, where the operator runs, else
# on a new local cluster of its own. The controllers are built from their modules, once a version.
set -euo pipefail
cd "$(dirname "$0")/.."
. hack/own-cluster.sh
flux=(github.com/fluxcd/source-controller github.com/fluxcd/kustomize-controller)
step() { printf '== %4ds  %s\n' "${SECONDS}" "$*"; }

version=$(go list -C test/gitops -m -f '{{.Version}}' "${flux[@]}" | paste -sd-)
WISMO_FLUX_BINARIES=${XDG_CACHE_HOME:-$HOME/.cache}/wismo-gitops/${version}
if [ ! -x "${WISMO_FLUX_BINARIES}/kustomize-controller" ]; then
  step "building Flux ${version}, once: some minutes"
  mkdir -p "${WISMO_FLUX_BINARIES}"
  go build -C test/gitops -ldflags "-s -w" -o "${WISMO_FLUX_BINARIES}/" "${flux[@]}"
fi
WISMO_FLUX_CRDS=$(go list -C test/gitops -m -f '{{.Dir}}/config/crd/bases' "${flux[@]}" | paste -sd:)
export WISMO_FLUX_BINARIES WISMO_FLUX_CRDS

if [ -z "${KUBECONFIG:-}" ]; then
  step "a cluster with the operator"
  own_cluster gitops
  kubectl apply --server-side -k config/default
  kubectl rollout status deployment/wismo-manager -n wismo-system --timeout=3m
fi
step "Flux brings the samples, restores them and takes them away"
go test -C test/gitops -count 1 -timeout 20m -v ./...
step "done"
