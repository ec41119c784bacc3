#!/usr/bin/env bash
# Generates everything that follows from api/ (deep copies, apply configurations, CRDs, the API reference), and the documents
# that follow from code: the CLI reference and the table of conditions.
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

absolute=$PWD/$crds/tracking.wismo.dev
go run -C hack/tools ./apidoc "${absolute}"_{shops,carrierintegrations,notificationpolicies}.yaml > docs/api.md
go run ./hack/clidoc > docs/cli.md
go run ./hack/conditionsdoc > docs/conditions.md

# One source, two installers.
hack/chart.sh
