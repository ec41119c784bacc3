#!/usr/bin/env bash
# Generates everything that follows from api/: deep copies, apply configurations and CRDs.
# The result depends on nothing but the sources and the versions in hack/tools/go.mod.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

header=hack/boilerplate.go.txt

rm -rf api/v1alpha1/applyconfiguration config/crd/bases
go tool -modfile=hack/tools/go.mod controller-gen \
  object:headerFile="$header" \
  applyconfiguration:headerFile="$header" \
  crd:maxDescLen=1024 output:crd:artifacts:config=config/crd/bases \
  paths=./api/...
