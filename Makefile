# SPDX-License-Identifier: Apache-2.0
# ocx-tap: `make help` lists what there is to do.
SHELL       := /bin/bash
.DEFAULT_GOAL := help
RID         ?= linux-$(if $(filter aarch64,$(shell uname -m)),arm64,x64)
AGENT       := artifacts/ocx-node-agent
GATE        := artifacts/ocx-gate
REPOSITORY  ?= ghcr.io/ocx-dev
VERSION     ?= $(shell sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
NOT_UNIT    := Kernel State Sandbox ControlPlane Container Cluster
UNIT_TESTS   = $(filter-out $(NOT_UNIT:%=Ocx.%.Tests),$(patsubst tests/%/,%,$(wildcard tests/Ocx.*.Tests/)))

.PHONY: help all deps vmlinux ebpf agent gate cli auditor test test-unit test-kernel test-state test-sandbox \
  test-controlplane solution test-with-images test-container test-container-only e2e e2e-only kubernetes cluster-up \
  cluster-down images release release-check release-boot crds demo pictures soak bench bench-connections \
  bench-mcp bench-audit bench-gate bench-rehearsal bench-scale fuzz format lint clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

all: ebpf agent cli ## Build the socket filter, the agent and the command ocx

deps: ## Install what is missing from Debian's packages (root)
	@hack/install-deps.sh

vmlinux: deps ## Write the running kernel's types to artifacts/bpf/vmlinux.h
	@$(MAKE) --no-print-directory -C bpf vmlinux

ebpf: deps ## Compile the socket filter
	@$(MAKE) --no-print-directory -C bpf

agent: ebpf ## Build artifacts/ocx-node-agent, one native binary
	dotnet publish src/Ocx.NodeAgent -c Release -r $(RID) -o artifacts/publish/agent
	install -m 0755 artifacts/publish/agent/ocx-node-agent $(AGENT)

gate: deps ## Build artifacts/ocx-gate, one native binary
	dotnet publish src/Ocx.Gate -c Release -r $(RID) -o artifacts/publish/gate
	install -m 0755 artifacts/publish/gate/ocx-gate $(GATE)

cli: ## Build artifacts/ocx, and links beside it so that `kubectl ocx` works
	dotnet publish src/Ocx.Cli -c Release -r $(RID) -o artifacts/publish/cli
	install -m 0755 artifacts/publish/cli/ocx artifacts/ocx
	ln -sf ocx artifacts/kubectl-ocx
	ln -sf ocx artifacts/kubectl_complete-ocx

auditor: ## Build the auditor: artifacts/ocx-auditor, which needs the .NET runtime
	dotnet publish src/Ocx.Auditor -c Release -o artifacts/publish/auditor
	ln -sf publish/auditor/ocx-auditor artifacts/ocx-auditor

# The cluster is this machine's own, whatever KUBECONFIG says: tests install and uninstall there.
test: kubernetes solution ## Run all tests (root; builds Kubernetes at first)
	@BUILT=1 $(MAKE) --no-print-directory test-unit test-kernel test-state test-sandbox
	@BUILT=1 env -u KUBECONFIG hack/leave-nothing.sh $(MAKE) --no-print-directory test-with-images

# Once, as a build for each suite would look through the same projects again.
solution: deps
	@dotnet build Ocx.sln -v quiet -nologo

# The control plane's tests wait most of their time; the images are built meanwhile.
test-with-images:
	@$(MAKE) --no-print-directory -j2 test-controlplane images
	@$(MAKE) --no-print-directory test-container-only e2e-only

# All that any suite needs at once: one after the other they would compile much of it again.
kubernetes: deps
	@env -u KUBEBUILDER_ASSETS hack/controlplane/assets kube-scheduler kubelet kube-proxy >/dev/null

test-unit: deps ## Run the tests that need no root and no kernel
	@hack/run-tests.sh $(UNIT_TESTS)

test-kernel: agent cli gate ## Run the tests that load the filter and send packets (root)
	@hack/npm-programs tests/Ocx.Kernel.Tests/Live/npm >/dev/null
	@hack/unpacked nginx libnginx-mod-stream >/dev/null
	@hack/run-tests.sh Ocx.Kernel.Tests

test-state: deps ## Run the tests of clones of PostgreSQL and Redis (root, for a small file system and another user)
	@hack/run-tests.sh Ocx.State.Tests

test-controlplane: agent cli ## Run the tests against a real Kubernetes API server (root; builds one the first time)
	@hack/run-tests.sh Ocx.ControlPlane.Tests

test-sandbox: deps ## Run the tests of sandboxes under gVisor (root; fetches runsc the first time)
	@hack/npm-programs tests/Ocx.Kernel.Tests/Live/npm >/dev/null
	@hack/runsc >/dev/null
	@hack/run-tests.sh Ocx.Sandbox.Tests

test-container: ## Run the tests of the images on a real Docker engine (root)
	@hack/leave-nothing.sh $(MAKE) --no-print-directory images test-container-only

e2e: ## Run the tests on a real cluster: that of KUBECONFIG, else one of this machine's own (root)
	@hack/leave-nothing.sh $(MAKE) --no-print-directory $(if $(KUBECONFIG),,images) cli e2e-only

test-container-only:
	@REPOSITORY=$(REPOSITORY) VERSION=$(VERSION) DOCKER_HOST=$$(hack/docker/engine up) \
	  hack/run-tests.sh Ocx.Container.Tests

e2e-only:
	@FORCE=$(FORCE) hack/run-tests.sh Ocx.Cluster.Tests

cluster-up: images ## Start a one-node Kubernetes with the images on this machine (root; builds it the first time)
	@hack/cluster/up

cluster-down: ## Take the one-node Kubernetes away again
	@hack/cluster/down
	@hack/docker/engine down

images: ## Build the container images, on Docker's engine (root: on one of its own where none answers)
	@DOCKER_HOST=$$(hack/docker/engine up) hack/docker/images $(REPOSITORY) $(VERSION)

release: deps ## Build images, chart, tarballs, checksums and SBOMs of this commit into artifacts/release (root)
	@hack/install-deps.sh release
	@REPOSITORY=$(REPOSITORY) hack/release/build

release-check: deps ## Build the release twice, in clones of different names, and compare every byte (root)
	@hack/install-deps.sh release
	@REPOSITORY=$(REPOSITORY) hack/release/check

release-boot: deps ## Have the arm64 agent of artifacts/release tap a call on an arm64 machine that QEMU makes (root)
	@hack/install-deps.sh release-boot
	@hack/release/boot-arm64 artifacts/release/ocx-node-agent-$(VERSION)-linux-arm64.tar.gz

crds: ## Generate the CustomResourceDefinitions from the C# types
	dotnet run --project src/Ocx.Api.Generator -- deploy/crds deploy/helm/ocx-tap/crds

demo: agent cli auditor gate ## Tap a real MCP server and client, audit their calls, and hold some of them (root)
	@hack/install-deps.sh demo
	dotnet build samples/Ocx.Samples.Mcp -c Release -v quiet
	@hack/demo.sh $(AGENT) artifacts/ocx artifacts/ocx-auditor artifacts/ocx-gate
	@hack/demo-rehearsal.sh artifacts/ocx artifacts/ocx-auditor artifacts/ocx-gate

pictures: agent cli ## Draw the pictures of the documents from real calls (root)
	@hack/install-deps.sh pictures
	dotnet build samples/Ocx.Samples.Mcp -c Release -v quiet
	@hack/pictures.sh $(AGENT)
	@hack/terminal-picture.sh $(AGENT) artifacts/ocx

soak: agent ## Run the agent among hostile peers for MINUTES (default 30), and judge memory and records (root)
	@dotnet build tests/Ocx.Kernel.Tests -v quiet -nologo
	@OCX_SOAK_MINUTES=$(or $(MINUTES),30) artifacts/dotnet/bin/Ocx.Kernel.Tests/debug/Ocx.Kernel.Tests \
	  -noLogo -showLiveOutput -class Ocx.Kernel.Tests.Soak.SoakTests

bench: agent ## Measure the tap beside its peers (root, some minutes)
	@bench/run.sh

bench-connections: agent ## Count the calls told of 2,000 short connections a second, SECONDS_EACH=60 (root)
	@OCX_BENCH_SECONDS=$(or $(SECONDS_EACH),60) bench/run.sh connections

bench-mcp: deps ## Measure the MCP parser beside tshark (root, some minutes)
	dotnet publish bench/Ocx.McpBench -c Release -r $(RID) -o artifacts/publish/mcp-bench -v quiet -nologo
	@mkdir -p artifacts/bench
	artifacts/publish/mcp-bench/Ocx.McpBench artifacts/bench/mcp.json

bench-audit: agent cli auditor ## Measure rules, verdicts, latency and verification of the audit (root, some minutes)
	dotnet build bench/Ocx.AuditBench -c Release -v quiet -nologo
	artifacts/dotnet/bin/Ocx.AuditBench/release/Ocx.AuditBench $(PARTS)

bench-gate: gate auditor ## Measure the gate beside no rule and nginx, PARTS of it or all (root, some minutes)
	@hack/unpacked nginx libnginx-mod-stream >/dev/null
	dotnet build bench/Ocx.GateBench -c Release -v quiet -nologo
	artifacts/dotnet/bin/Ocx.GateBench/release/Ocx.GateBench run $(PARTS)

bench-rehearsal: deps ## Measure rehearsals, and what clones cost their sources, PARTS of it or all (root, some minutes)
	@hack/install-deps.sh demo
	dotnet publish samples/Ocx.Samples.Mcp -c Release -r $(RID) --self-contained false -p:PublishReadyToRun=true \
	  -p:NuGetLockFilePath=$(CURDIR)/artifacts/samples.lock.json -o artifacts/publish/samples -v quiet -nologo
	dotnet build bench/Ocx.RehearsalBench -c Release -v quiet -nologo
	@bench/rehearsal.sh $(PARTS)

bench-scale: deps ## Measure the operator with 1,000 and 5,000 simulated nodes (root, about 10 minutes)
	dotnet build bench/Ocx.ScaleBench -c Release -v quiet -nologo
	@mkdir -p artifacts/bench
	artifacts/dotnet/bin/Ocx.ScaleBench/release/Ocx.ScaleBench artifacts/bench/scale.json $(or $(NODES),1000 5000)

fuzz: ## Fuzz the parsers, MINUTES (default 8) each, two at a time (root; 64 minutes)
	@hack/install-deps.sh fuzz
	@hack/fuzz.sh $(or $(MINUTES),8)

format: ## Lay out the C# code
	dotnet tool restore --verbosity quiet
	dotnet csharpier format .

lint: deps ## Check formatting, analyzers, that the benchmarks build and that the native build warns of nothing
	dotnet restore Ocx.sln -v quiet
	dotnet tool restore --verbosity quiet
	dotnet csharpier check .
	dotnet format style Ocx.sln --verify-no-changes --no-restore --severity warn
	dotnet format analyzers Ocx.sln --verify-no-changes --no-restore --severity warn
	@shellcheck -x -P SCRIPTDIR -e SC1091 \
	  hack/*.sh hack/debian-packages hack/npm-programs hack/prometheus hack/runsc hack/unpacked \
	  src/Ocx.Sandbox/Bundles/start.sh \
	  hack/controlplane/* hack/docker/* hack/cluster/* $(filter-out %/readme,$(wildcard hack/release/*)) \
	  bench/*.sh .ci/run
	@for bench in bench/Ocx.*; do dotnet build "$$bench" -v quiet -nologo -clp:NoSummary || exit 1; done
	@for native in Ocx.NodeAgent:agent Ocx.Gate:gate Ocx.Cli:cli; do \
	  out=$$(dotnet publish "src/$${native%:*}" -c Release -r $(RID) -o "artifacts/publish/$${native#*:}") \
	    || { echo "$$out"; exit 1; }; \
	  ! grep -E 'warning (IL|CS|CA)' <<<"$$out" || exit 1; \
	done

clean: ## Delete everything that was built
	rm -rf artifacts
