# Every target is one line of intent; what it takes lives in hack/. `make help` explains each.
SHELL := /usr/bin/env bash -euo pipefail
CLUSTER := go run -C hack/cluster .
NUMBER  ?=
SEEDS   ?= 100000
FIRST   ?= 0
JOURNEYS ?= 10000
ORDERS  ?= 100000
SEED    ?= 1
# One way of compiling for tests, tools and images, so that they share one build cache.
export CGO_ENABLED := 0
export GOFLAGS     := -trimpath -buildvcs=false
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.DEFAULT_GOAL := help
.PHONY: help
help: ## Explain the targets.
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Try it
.PHONY: demo demo-order demo-down
demo: ## Bring up a cluster, the operator and two merchants, send six orders through; leaves it running.
	@go run ./hack/demo up

demo-order: ## Send one more order and its journey: make demo-order NUMBER=2001
	@go run ./hack/demo order $(NUMBER)

demo-down: ## Remove the demo and the cluster.
	@go run ./hack/demo down

##@ Local cluster
.PHONY: cluster-up cluster-load cluster-down
cluster-up: ## Start a real one-node Kubernetes in its own network namespace.
	@$(CLUSTER) up

cluster-load: ## Build our images and import them into the local cluster.
	@$(CLUSTER) load

cluster-down: ## Stop the local cluster and leave nothing behind but the caches.
	@$(CLUSTER) down

##@ Develop
.PHONY: build generate verify lint vuln test sim journeys imports e2e bench scale chaos gitops fuzz installers
build: ## Build the binaries into bin/.
	go build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/ ./cmd/...
	install -m 755 cmd/kubectl-wismo/kubectl_complete-wismo bin/

generate: ## Write everything that is generated: deep copies, CRDs, apply configurations, references.
	hack/generate.sh

verify: ## Fail if generated files, formatting or modules are not as they would be made.
	hack/verify.sh

lint: ## Run the linters over the code of every module, the API and the workflows.
	hack/lint.sh

vuln: ## Look for known vulnerabilities; fails where their database cannot be reached.
	hack/vuln.sh

test: ## Run unit, golden, property and envtest tests; the first run builds an API server and keeps it.
	hack/test.sh

sim: ## Simulate 100,000 histories of releases and hold each decision to what is promised: make sim SEEDS=1000000 FIRST=100000
	go test -count=1 -timeout 60m -v -run '^TestNoHistory' ./internal/rollout -args -seeds $(SEEDS) -first $(FIRST)

journeys: ## Play 10,000 journeys of orders through the data plane and check every word: make journeys JOURNEYS=500 SEED=7
	go run ./cmd/kubectl-wismo simulate --generate $(JOURNEYS) --seed $(SEED)

imports: ## Import 100,000 old orders, change the policy, pause, upgrade, and see that nobody is told: make imports ORDERS=10000
	go test -count=1 -timeout 12h -v -run '^TestOldOrders$$' ./test/dataplane -args -orders $(ORDERS)

e2e: ## Run the end-to-end tests on the local cluster, or on the one that KUBECONFIG names.
	hack/e2e.sh

bench: ## Run the benchmarks behind docs/RESULTS.md.
	hack/bench.sh

scale: ## Onboard 1,000 Shops beside a bare client and helm, and print what each costs: make scale ARGS="-shops 5000"
	hack/scale.sh $(ARGS)

gitops: ## Let the real Flux bring the samples from Git, restore them and take them away, on a cluster of its own.
	hack/gitops.sh

installers: ## Follow docs/install.md to the letter with the real helm and kubectl, on a cluster of its own.
	hack/installers.sh

chaos: ## A thousand onboardings while the API server fails and the operator dies at every write; rollouts with 50 kills.
	hack/chaos.sh

fuzz: ## Fuzz every target for 30 seconds.
	hack/fuzz.sh

##@ Release
.PHONY: installer release release-dry-run release-publish
installer: ## Write dist/install.yaml: everything in one file for kubectl apply --server-side.
	mkdir -p dist && go tool -modfile=hack/release/go.mod kustomize build config/default > dist/install.yaml

release-dry-run: ## Make a whole release in dist/release without a network: a registry on loopback, a key that is thrown away.
	hack/release.sh --dry-run

release: ## Make a release and push its images and chart: make release VERSION=v0.3.0 REGISTRY=registry.example/wismo
	VERSION=$(VERSION) hack/release.sh

release-publish: ## Publish dist/release as a release of the repository, with gh: make release-publish VERSION=v0.3.0
	VERSION=$(VERSION) hack/publish.sh
