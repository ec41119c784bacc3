#!/usr/bin/env bash
# Generates everything that follows from api/ (deep copies, apply configurations, CRDs with the marks of the fields that this version
# does not act on, the API reference), and the documents that follow from code: the CLI reference and the table of conditions.
# The result depends on nothing but the sources and the versions in hack/tools/go.mod.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

header=hack/boilerplate.go.txt
crds=config/crd/bases

rm -rf api/v1alpha1/applyconfiguration "$crds"
go tool -modfile=hack/tools/go.mod controller-gen \
  object:headerFile="$header" \
  applyconfiguration:headerFile="$header" \
  crd:maxDescLen=1024 output:crd:artifacts:config="$crds" \
  paths=./api/...
go run ./hack/crdmarks "$crds"

output=$(mktemp)
trap 'rm -f "${output}"' EXIT
document() { # FILE COMMAND...: writes the output of the command to the file, which stays as it is if the command fails
  local file=$1
  shift
  "$@" > "${output}"
  cat "${output}" > "${file}"
}
absolute=$PWD/$crds/tracking.wismo.dev
document docs/api.md go run -C hack/tools ./apidoc "${absolute}"_{shops,carrierintegrations,notificationpolicies}.yaml
document docs/cli.md go run ./hack/clidoc
document docs/conditions.md go run ./hack/conditionsdoc

# One source, two installers.
hack/chart.sh
