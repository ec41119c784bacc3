#!/usr/bin/env bash
# Deploys config/samples with Flux's own controllers from a git server, and tests apply, drift correction and deletion (test/gitops).
# Uses the cluster that KUBECONFIG names, on which the operator must run; without KUBECONFIG it starts a local cluster with the
# operator. Flux is built from its modules, once per version.
set -euo pipefail
cd "$(dirname "$0")/.."
. hack/own-cluster.sh
flux=(github.com/fluxcd/source-controller github.com/fluxcd/kustomize-controller)
step() { printf '== %4ds  %s\n' "${SECONDS}" "$*"; }

version=$(go list -C test/gitops -m -f '{{.Version}}' "${flux[@]}" | paste -sd-)
WISMO_FLUX_BINARIES=${XDG_CACHE_HOME:-$HOME/.cache}/wismo-gitops/${version}
if [ ! -x "${WISMO_FLUX_BINARIES}/kustomize-controller" ]; then
  step "building Flux ${version} (some minutes, once per version)"
  mkdir -p "${WISMO_FLUX_BINARIES}"
  go build -C test/gitops -ldflags "-s -w" -o "${WISMO_FLUX_BINARIES}/" "${flux[@]}"
fi
WISMO_FLUX_CRDS=$(go list -C test/gitops -m -f '{{.Dir}}/config/crd/bases' "${flux[@]}" | paste -sd:)
export WISMO_FLUX_BINARIES WISMO_FLUX_CRDS

if [ -z "${KUBECONFIG:-}" ]; then
  step "starting a local cluster and installing the operator"
  own_cluster gitops
  kubectl apply --server-side -k config/default
  kubectl rollout status deployment/wismo-manager -n wismo-system --timeout=3m
fi
step "testing that Flux deploys the samples, corrects drift and deletes them"
go test -C test/gitops -count 1 -timeout 20m -v ./...
step "done"
