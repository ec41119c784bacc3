#!/usr/bin/env bash
# Runs govulncheck over every module with code of ours: does any call path reach a known vulnerability? It uses the database at
# vuln.go.dev, or the one that GOVULNDB names. It fails if that cannot be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${PWD}
database=${GOVULNDB:-https://vuln.go.dev}
scan() { go tool -modfile="${root}/hack/tools/go.mod" govulncheck -db "${database}" "$@"; }

if ! said=$(scan -version 2>&1) || ! grep -q '^DB updated: ' <<<"${said}"; then
  echo "NOT CHECKED: the vulnerability database ${database} could not be reached. Set GOVULNDB to a mirror and run it again." >&2
  echo "${said}" >&2
  exit 1
fi
failed=0
for module in . hack/cluster hack/tools test/installers test/observability test/scale; do
  echo "== govulncheck in ${module}"
  (cd "${module}" && scan ./...) || failed=1
done
exit "${failed}"
