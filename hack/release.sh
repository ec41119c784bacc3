#!/usr/bin/env bash
# Makes a release in dist/release, and pushes its images and its chart:
#   VERSION=v0.3.0 REGISTRY=registry.example/wismo hack/release.sh
# signs with the identity of the workflow that runs it, or with the key COSIGN_KEY (and then COSIGN_PUBLIC_KEY verifies).
#   hack/release.sh --dry-run
# makes the same without a network: a registry on loopback, and a key that is thrown away. The programs that do the work are
# pinned in hack/release/go.mod. The end of either reads back and verifies what was made.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
root=${PWD}
out=${root}/dist/release
work=$(mktemp -d)
registry=
log=${work}/log # what the programs say, shown where something fails
end() {
  local code=$?
  [ -z "${registry}" ] || kill "${registry}"
  [ "${code}" = 0 ] || { tail -n 40 "${log}" >&2 || true; echo "no release was made" >&2; }
  rm -rf "${work}"
  exit "${code}"
}
trap end EXIT
step() { printf '== %4ds  %s\n' "${SECONDS}" "$*"; }
tool() { go tool -modfile="${root}/hack/release/go.mod" "$@"; }
helm() { go run -C "${root}/test/installers" helm.sh/helm/v3/cmd/helm "$@"; }
commit=$(git rev-parse HEAD)
export CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=false"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
plain=()

prepare_dry_run() {
  VERSION=v0.0.0-dry.g$(git rev-parse --short HEAD)
  step "a registry on loopback, and a key that is thrown away"
  tool crane version >/dev/null # compiled before the registry is waited for
  tool crane registry serve --address 127.0.0.1:0 >"${work}/registry.log" 2>&1 &
  registry=$!
  local port=
  for _ in {1..100}; do
    port=$(sed -nE 's/.*port ([0-9]+).*/\1/p' "${work}/registry.log" | head -n1)
    [ -z "${port}" ] || break
    sleep 0.1
  done
  REGISTRY=127.0.0.1:${port:?no registry: $(cat "${work}/registry.log")}/wismo
  export COSIGN_PASSWORD=throwaway
  tool cosign generate-key-pair --output-key-prefix "${work}/cosign" >>"${log}" 2>&1
  # No transparency log, no time stamps, no roots of trust from elsewhere.
  tool cosign signing-config create --out "${work}/signing.json"
  echo '{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}' >"${work}/roots.json"
  sign=(--yes --key "${work}/cosign.key" --signing-config "${work}/signing.json" --trusted-root "${work}/roots.json")
  verify=(--key "${work}/cosign.pub" --insecure-ignore-tlog=true)
  plain=(--plain-http)
}

prepare_release() {
  [[ ${VERSION:-} =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || { echo "VERSION must be such as v0.3.0, not '${VERSION:-}'" >&2; exit 2; }
  : "${REGISTRY:?such as registry.example/wismo}"
  [ "$(git rev-parse "refs/tags/${VERSION}^{commit}")" = "${commit}" ] || { echo "the tag ${VERSION} is not the checked-out commit: git checkout ${VERSION}" >&2; exit 2; }
  [ -z "$(git status --porcelain)" ] || { echo "the tree has uncommitted changes: commit or stash them" >&2; exit 2; }
  if [ -n "${COSIGN_KEY:-}" ]; then
    sign=(--yes --key "${COSIGN_KEY}")
    verify=(--key "${COSIGN_PUBLIC_KEY:?the key that verifies what COSIGN_KEY signs}")
  else
    sign=(--yes)
    verify=(--certificate-identity "https://github.com/${GITHUB_WORKFLOW_REF:?outside of a workflow, set COSIGN_KEY}"
      --certificate-oidc-issuer https://token.actions.githubusercontent.com)
  fi
}

# archives: the plugin for every platform, with the licence, and what each is made of.
archives() {
  local platform name program stage
  while read -r platform; do
    name=kubectl-wismo-${platform/\//-}
    program=kubectl-wismo
    [[ ${platform} != windows/* ]] || program=kubectl-wismo.exe
    step "${name}"
    stage=${work}/${name}
    mkdir "${stage}"
    GOOS=${platform%/*} GOARCH=${platform#*/} go build -ldflags "-s -w -X main.version=${VERSION}" -o "${stage}/${program}" ./cmd/kubectl-wismo
    tool cyclonedx-gomod bin -json -noserial -notimestamp -version "${VERSION}" -output "${out}/${name}.cdx.json" "${stage}/${program}" 2>>"${log}"
    cp LICENSE "${stage}/"
    [[ ${platform} = windows/* ]] || cp cmd/kubectl-wismo/kubectl_complete-wismo "${stage}/"
    tar -C "${stage}" --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@${SOURCE_DATE_EPOCH}" -cf - . |
      gzip -9n >"${out}/${name}.tar.gz"
    cat >>"${work}/krew.yaml" <<EOF
  - selector: {matchLabels: {os: ${platform%/*}, arch: ${platform#*/}}}
    uri: https://github.com/wismo-dev/wismo/releases/download/${VERSION}/${name}.tar.gz
    sha256: $(sha256sum "${out}/${name}.tar.gz" | cut -d' ' -f1)
    bin: ${program}
EOF
  done <hack/release/platforms.txt
  sed "s/@VERSION@/${VERSION}/" hack/release/krew.yaml | cat - "${work}/krew.yaml" >"${out}/wismo.yaml"
}

# base: nothing but the certificate authorities that mail relays and carriers are checked against, and the user nobody.
base() {
  local name=${REGISTRY}/base:${VERSION} architecture
  mkdir -p "${work}/base/etc/ssl/certs"
  cp /etc/ssl/certs/ca-certificates.crt "${work}/base/etc/ssl/certs/"
  tar -C "${work}/base" --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@${SOURCE_DATE_EPOCH}" -cf "${work}/base.tar" etc
  for architecture in amd64 arm64; do
    tool crane append --oci-empty-base -f "${work}/base.tar" -t "${name}-${architecture}" >>"${log}" 2>&1
    tool crane mutate --set-platform "linux/${architecture}" --user 65532:65532 -t "${name}-${architecture}" "${name}-${architecture}" >>"${log}" 2>&1
  done
  tool crane index append -m "${name}-amd64" -m "${name}-arm64" -t "${name}" >>"${log}" 2>&1
  echo "${REGISTRY}/base@$(tool crane digest "${name}")"
}

# images: each for two architectures, with SBOMs that stand beside it in the registry.
images() {
  local from
  from=$(base)
  mkdir "${work}/sbom"
  KO_DOCKER_REPO=${REGISTRY} KO_DEFAULTBASEIMAGE=${from} tool ko build --base-import-paths --platform linux/amd64,linux/arm64 \
    --tags "${VERSION}" --ldflags "-s -w -X main.version=${VERSION}" --sbom spdx --sbom-dir "${work}/sbom" \
    --image-label "org.opencontainers.image.source=https://github.com/wismo-dev/wismo,org.opencontainers.image.revision=${commit},org.opencontainers.image.version=${VERSION},org.opencontainers.image.licenses=Apache-2.0" \
    ./cmd/manager ./cmd/tracking-page ./cmd/notifier >>"${log}" 2>&1
  local file name
  for file in "${work}"/sbom/*; do
    cp "${file}" "${out}/image-$(basename "${file}")"
  done
  for name in manager notifier tracking-page; do
    echo "${REGISTRY}/${name}@$(tool crane digest "${REGISTRY}/${name}:${VERSION}")"
  done >"${out}/images.txt"
}

# provenance: what was built from what, by whom, as SLSA's predicate has it.
provenance() {
  jq -n --arg commit "${commit}" --arg version "${VERSION}" --arg go "$(go env GOVERSION)" \
    --arg builder "${GITHUB_WORKFLOW_REF:+https://github.com/}${GITHUB_WORKFLOW_REF:-https://github.com/wismo-dev/wismo/blob/${commit}/hack/release.sh}" \
    --arg run "${GITHUB_RUN_ID:+https://github.com/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID}}" '{
    buildDefinition: {
      buildType: "https://github.com/wismo-dev/wismo/blob/main/hack/release.sh",
      externalParameters: {version: $version},
      internalParameters: {go: $go},
      resolvedDependencies: [{uri: "git+https://github.com/wismo-dev/wismo@refs/tags/\($version)", digest: {gitCommit: $commit}}]
    },
    runDetails: {builder: {id: $builder}, metadata: (if $run == "" then {} else {invocationId: $run} end)}
  }' >"${out}/provenance.json"
}

# installer: names the images by digest, so that the signed images run.
installer() {
  local image overlay=dist/release.kustomize
  rm -rf "${overlay}"
  mkdir -p "${overlay}"
  { echo 'resources: [../../config/default]'; echo 'images:'; while read -r image; do
    echo "- {name: wismo.dev/$(basename "${image%@*}"), newName: ${image%@*}, digest: '${image#*@}'}"
  done <"${out}/images.txt"; } >"${overlay}/kustomization.yaml"
  tool kustomize build "${overlay}" >"${out}/install.yaml"
  rm -rf "${overlay}"
}

# chart: with the released images as its defaults.
chart() {
  cp -r charts/wismo "${work}/chart"
  sed -i "s#wismo.dev/\(manager\|tracking-page\|notifier\)#${REGISTRY}/\1#" "${work}/chart/values.yaml" "${work}/chart/README.md"
  helm package "${work}/chart" --version "${VERSION#v}" --app-version "${VERSION}" --destination "${out}" >>"${log}"
  helm push "${out}/wismo-${VERSION#v}.tgz" "oci://${REGISTRY}/charts" "${plain[@]}" >>"${log}" 2>&1
  echo "${REGISTRY}/charts/wismo@$(tool crane digest "${REGISTRY}/charts/wismo:${VERSION#v}")" >"${out}/chart.txt"
}

signatures() {
  local image
  while read -r image; do
    tool cosign sign "${sign[@]}" --recursive "${image}" >>"${log}" 2>&1
    tool cosign attest "${sign[@]}" --type slsaprovenance1 --predicate "${out}/provenance.json" "${image}" >>"${log}" 2>&1
  done < <(cat "${out}/images.txt" "${out}/chart.txt")
  (cd "${out}" && find . -type f ! -name 'SHA256SUMS*' -printf '%P\n' | sort | xargs sha256sum >SHA256SUMS)
  tool cosign sign-blob "${sign[@]}" --bundle "${out}/SHA256SUMS.sigstore.json" "${out}/SHA256SUMS" >>"${log}" 2>&1
  tool cosign attest-blob "${sign[@]}" --type slsaprovenance1 --predicate "${out}/provenance.json" \
    --bundle "${out}/SHA256SUMS.provenance.sigstore.json" "${out}/SHA256SUMS" >>"${log}" 2>&1
}

# read_back verifies dist/release and the registry as a user would.
read_back() {
  local image architectures host
  (cd "${out}" && sha256sum --quiet -c SHA256SUMS)
  tool cosign verify-blob "${verify[@]}" --bundle "${out}/SHA256SUMS.sigstore.json" "${out}/SHA256SUMS" >>"${log}" 2>&1
  tool cosign verify-blob-attestation "${verify[@]}" --type slsaprovenance1 --bundle "${out}/SHA256SUMS.provenance.sigstore.json" "${out}/SHA256SUMS" >>"${log}" 2>&1
  while read -r image; do
    tool cosign verify "${verify[@]}" "${image}" >>"${log}" 2>&1
    tool cosign verify-attestation "${verify[@]}" --type slsaprovenance1 "${image}" >>"${log}" 2>&1
    echo "signed, with provenance: ${image}"
  done < <(cat "${out}/images.txt" "${out}/chart.txt")
  while read -r image; do
    architectures=$(tool crane manifest "${image}" | jq -r '[.manifests[].platform | select(.os == "linux") | .architecture] | sort | join(" ")')
    [ "${architectures}" = "amd64 arm64" ] || { echo "${image} is for '${architectures}'" >&2; return 1; }
    grep -q "${image}" "${out}/install.yaml" || { echo "install.yaml does not name ${image}" >&2; return 1; }
  done <"${out}/images.txt"
  ! grep -q 'wismo\.dev/[a-z-]*:dev' "${out}/install.yaml" || { echo "install.yaml names an image that is not released" >&2; return 1; }
  [ "$(wc -l <"${out}/images.txt")" = 3 ]
  [ "$(grep -c '    sha256: [0-9a-f]\{64\}$' "${out}/wismo.yaml")" = "$(wc -l <hack/release/platforms.txt)" ]
  helm template wismo "${out}/wismo-${VERSION#v}.tgz" --kube-version 1.34.0 >"${work}/chart.yaml"
  grep -q "image: ${REGISTRY}/manager:${VERSION}" "${work}/chart.yaml"
  host=$(go env GOHOSTOS)-$(go env GOHOSTARCH)
  tar -xzf "${out}/kubectl-wismo-${host}.tar.gz" -C "${work}" ./kubectl-wismo
  [ "$("${work}/kubectl-wismo" version -o jsonpath={.version})" = "${VERSION}" ]
}

rm -rf "${out}"
mkdir -p "${out}"
if [ "${1:-}" = --dry-run ]; then prepare_dry_run; else prepare_release; fi
step "release ${VERSION} of ${commit}"
archives
step "images for two architectures"
images
step "provenance, installer, chart"
provenance
installer
chart
step "checksums and signatures"
signatures
step "read back"
read_back
step "done"
(cd "${out}" && ls -sh1)
