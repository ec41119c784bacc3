#!/usr/bin/env bash
# Gives the chart what config/ says: the generated CRDs, the roles and the default configuration. One source, two installers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

files=charts/wismo/files
rm -rf "$files"
mkdir -p "$files/crds" "$files/rbac"
cp config/crd/bases/*.yaml "$files/crds/"
cp config/rbac/service_account.yaml config/rbac/*_role.yaml config/rbac/*_roles.yaml config/rbac/*_role_binding.yaml "$files/rbac/"
cp config/manager/config.yaml "$files/"
