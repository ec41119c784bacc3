#!/usr/bin/env bash
# Publishes dist/release as a release of the repository, with the version's section of CHANGELOG.md as its text. It needs gh,
# logged in; hack/release.sh has made and verified the files.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${VERSION:?such as v0.3.0}"
[ -f dist/release/SHA256SUMS.sigstore.json ] || { echo "dist/release holds no release: make release" >&2; exit 2; }
notes=$(awk -v version="## [${VERSION#v}]" 'index($0, version) == 1 {found = 1; next} /^## \[/ || /^\[/ {found = 0} found' CHANGELOG.md)
[ -n "${notes//[[:space:]]/}" ] || { echo "CHANGELOG.md has no section ## [${VERSION#v}]" >&2; exit 2; }
prerelease=()
[[ ${VERSION} != *-* ]] || prerelease=(--prerelease)
gh release create "${VERSION}" --verify-tag --title "${VERSION}" --notes "${notes}" "${prerelease[@]}" dist/release/*
