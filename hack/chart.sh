#!/usr/bin/env bash
# Copies from config/ into the chart: the generated CRDs, the roles, the default configuration, alerts and dashboards. One source, two installers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

files=charts/wismo/files
rm -rf "$files"
mkdir -p "$files"/{crds,rbac,namespaced,prometheus,grafana,api-priority}
cp config/crd/bases/*.yaml "$files/crds/"
cp config/rbac/*_role.yaml config/rbac/*_roles.yaml config/rbac/*_role_binding.yaml "$files/rbac/"
cp config/namespaced/*_role.yaml config/namespaced/*_role_binding.yaml "$files/namespaced/"
cp config/prometheus/rules.yaml "$files/prometheus/"
cp config/grafana/*.json "$files/grafana/"
cp config/api-priority/priority_level.yaml "$files/api-priority/"
cp config/manager/config.yaml "$files/"
