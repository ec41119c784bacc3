#!/usr/bin/env bash
# Measures the onboarding of many merchants by wismo, by a bare client and helm on an API server of their own, and by wismo with pods on
# nodes that kwok simulates; see docs/RESULTS.md. Takes the flags of test/scale: scale.sh -shops 5000 -foreign 1024 -nodes 0
set -euo pipefail
cd "$(dirname "$0")/.."
grep -m1 'model name' /proc/cpuinfo || true
KUBEBUILDER_ASSETS=$(go run -C hack/cluster . assets)
export KUBEBUILDER_ASSETS
go run -C test/scale . "$@"
