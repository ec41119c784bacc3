#!/usr/bin/env bash
# Fails unless the committed generated files are up to date. Works on a copy and never writes to the tree.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "${copy}"' EXIT
git ls-files -z | xargs -0 cp --parents -t "${copy}"
(cd "${copy}" && hack/generate.sh && for m in . hack/cluster hack/release hack/tools test/gitops test/installers test/observability test/scale test/scale/kwok; do go -C "${m}" mod tidy; done)
failed=0
while IFS= read -r -d '' file; do
  cmp -s "${file}" "${copy}/${file}" || { echo "not up to date: ${file} (run: make generate, go mod tidy)"; failed=1; }
done < <(git ls-files -z)
unformatted=$(gofmt -l api cmd controllers hack internal test)
[ -z "${unformatted}" ] || { echo "not formatted: ${unformatted}"; failed=1; }
go run -C hack/tools ./platforms || failed=1 # where people run kubectl
exit "${failed}"
