#!/usr/bin/env bash
# Runs every fuzz target for a while: hack/fuzz.sh [duration, default 30s].
set -euo pipefail
cd "$(dirname "$0")/.."
duration=${1:-30s}
grep -rlE '^func Fuzz' --include='*_test.go' internal api hack/mailbox | while read -r file; do
  package=./$(dirname "${file}")
  for target in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]+)\(.*/\1/p' "${file}"); do
    echo "== ${target} in ${package}"
    go test -run '^$' -fuzz "^${target}\$" -fuzztime "${duration}" "${package}"
  done
done
