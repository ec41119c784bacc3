#!/usr/bin/env bash
# Follows docs/install.md on a real cluster with the real helm: on the one that KUBECONFIG names, which must hold no wismo and
# have our images, else on a new local one of its own. helm is built from its module, once a version.
set -euo pipefail
cd "$(dirname "$0")/.."
. hack/own-cluster.sh
version=$(go list -C test/installers -m -f '{{.Version}}' helm.sh/helm/v3)
programs=${XDG_CACHE_HOME:-$HOME/.cache}/wismo-helm/${version}
if [ ! -x "${programs}/helm" ]; then
  echo "== building helm ${version}, once"
  mkdir -p "${programs}"
  go build -C test/installers -ldflags "-s -w" -o "${programs}/" helm.sh/helm/v3/cmd/helm
fi
make build installer
if [ -z "${KUBECONFIG:-}" ]; then
  own_cluster installers
fi
export PATH="${PWD}/bin:${programs}:${PATH}"
go test -C test/installers -tags e2e -count 1 -timeout 20m -v ./real "$@"
