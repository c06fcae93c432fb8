# lendleaf: `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.PHONY: help run build site verify space test test-go limits test-browser test-peers test-peers-all judges lighthouse pictures bench bench-peers bench-wasm bench-server soak race train evaluate report mutate generate check audit clean chromium firefox node npm java maven

MODEL      := site/model/loan-default.lendleaf
DEFINITION := site/model/definition.json
DATA       ?= ../shared/data/training.csv.gz
LENDLEAF   := go run ./core/cmd/lendleaf
# Tests of what runs in WebAssembly, under Node.
WASM_TEST  := GOOS=js GOARCH=wasm go test -count=1 -exec="$$(go env GOROOT)/lib/wasm/go_js_wasm_exec"
# Checks whose tools nothing else needs are a module of their own.
CHECKS     := go -C .ci/checks
# How the shipped model is trained.
TRAIN      := -trees 40 -depth 0 -features 12 -max-leaves 3000 -recall 0.795

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: site ## build the page and serve it on http://localhost:7860
	go run ./server

build: site ## build server and command line into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/ ./server ./core/cmd/lendleaf

site: ## build the page into site/dist/, ready for any static host; ADDRESS=https://…/ is for sites that show links to it
	go run ./site/build -address "$(ADDRESS)"

verify: ## build the page again and compare it with site/dist/, or with URL=FOLDER-OR-ADDRESS
	go run ./site/build -verify "$(or $(URL),site/dist)" -address "$(ADDRESS)"

space: ## write the page as a static Hugging Face Space into bin/space/
	go run ./site/build -out bin/space -space -address "$(ADDRESS)"

test: SOAK = 1s
test: test-go soak test-browser ## run all tests: of Go, of the server under load for a second, and of the page in Chromium

# Some tests run other programs, which Go's cache of results does not see: none
# is taken from it. The server under load has the machine to itself.
test-go: site limits ## run all tests that need Go alone
	go test -count=1 -skip '$(LIMITS)' $$(go list ./... | grep -v /server/soak$$) ./.ci/mutate
	$(CHECKS) test -count=1 -skip '$(LIMITS)' ./...
	go test -count=1 -tags tinygo ./wasm/...

# What we ship is held to these: its licences, and the page's weight.
LIMITS := ^Test(Licences|Weight)$$

limits: site
	go test -count=1 -run '$(LIMITS)' ./site
	$(CHECKS) test -count=1 -run '$(LIMITS)' ./...

test-browser: site chromium ## drive the built page in Chromium
	go test -count=1 -tags browser ./site/browsertest

# What comes from Debian is installed where it is missing and may be installed.
need = @command -v $(firstword $(1)) $(foreach name,$(wordlist 2,9,$(1)),>/dev/null || command -v $(name)) >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(firstword $(1)) >/dev/null; \
	else echo "$(2) $(firstword $(1)): install it, for instance with 'sudo apt install $(firstword $(1))'. 'make test-go' needs Go alone." >&2; exit 1; fi

chromium:
	$(call need,chromium chromium-browser google-chrome,The browser's tests need)
firefox:
	$(call need,firefox-esr firefox,The judges of the page need)
node:
	$(call need,nodejs node,The tests in WebAssembly need)
npm: node
	$(call need,npm,The judges of the page need)
java:
	$(call need,default-jdk-headless java,The generators of clients need)
maven: java
	$(call need,maven mvn,The generated client in Java needs)

test-peers: node ## check against second readers of the model file and of sealed records, in Python, and in WebAssembly under Node
	python3 -B core/modelfile/testdata/test_reader.py
	go test -count=1 -tags peers -run SecondReader ./core ./core/record
	$(WASM_TEST) -run 'TestVectors|TestMachines' ./core
	go test -count=1 -tags peers -run RunAlike ./site/build/slim

test-peers-all: test-peers judges npm maven ## and against scikit-learn, the page's judges, and what the server says of itself, which generated clients use, with much to download
	go test -count=1 -timeout 30m -tags peers ./core/interop
	server/deploy/check.sh
	.ci/clients/run.sh

SOAK ?= 1m

soak: site ## keep the server under load and faults for SOAK=DURATION
	go test ./server/soak -count=1 -v -timeout 0 -soak $(SOAK)

# The detector's own memory is none of what a test of memory measures.
race: site ## run the tests of what runs on several goroutines with the race detector
	go test -race -run 'Shared|AllCores' ./core ./core/forest
	go test -race -skip ConstantMemory ./core/modelfile ./core/train ./server/serve ./server/api ./server/guard ./server/observe ./server/record ./server/shadow ./server/client

judges: site chromium firefox site/judges/node_modules ## have axe-core, Lighthouse and Firefox judge the page
	go test -count=1 -tags browser,peers -run '^Test(Axe|Lighthouse|Firefox)' ./site/browsertest

lighthouse: site chromium site/judges/node_modules ## measure the page by Lighthouse's mobile preset: the median of five runs
	go test -tags browser,peers -run '^$$' -bench Lighthouse -benchtime 5x ./site/browsertest

site/judges/node_modules: site/judges/package-lock.json | npm
	npm --prefix site/judges ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

pictures: site chromium ## take the pictures anew that are published: of the page, for links to it, and its icons
	go test -count=1 -tags browser -run PublishedPictures ./site/browsertest -publish

bench: ## run all benchmarks
	go test -run '^$$' -bench . -benchmem ./...

bench-peers: ## compare with other software on one forest; Python packages go into .venv-bench/
	python3 -B core/interop/bench/peers.py "$(DATA)"

bench-wasm: node ## measure loading and scoring in WebAssembly
	$(WASM_TEST) -run '^$$' -bench 'Load|Score' -benchmem ./core

bench-server: ## measure the server's start, memory, rates and latency
	server/bench/run.sh

train: ## train the shipped model on DATA=FILE
	$(LENDLEAF) train -definition $(DEFINITION) -data "$(DATA)" -out $(MODEL) $(TRAIN)

evaluate: ## measure the shipped model on DATA=FILE, and one trained alike on other people than it is measured on
	$(LENDLEAF) evaluate -model $(MODEL) -data "$(DATA)"
	mkdir -p bin
	$(LENDLEAF) train -definition $(DEFINITION) -data "$(DATA)" -out bin/by-person.lendleaf $(TRAIN) -group identical
	$(LENDLEAF) evaluate -model bin/by-person.lendleaf -data "$(DATA)"

report: ## measure the shipped model on DATA=FILE, by person and at random, for the page's report
	$(LENDLEAF) report -model $(MODEL) -data "$(DATA)" -recall 0.795 -out site/report -json site/model/report.json

# Whose own tests have to see faults: the core but for its command and tools,
# what answers, and the page's logic.
MUTATED = $$(go list ./core/... | grep -v -e /cmd/ -e /bench$$) ./server/api ./server/guard ./server/record ./wasm/form ./wasm/combobox ./wasm/transfer ./wasm/outcome
PKG    ?= $(MUTATED)
SAMPLE ?= 1

mutate: ## try the tests of PKG=./core/… by small faults in the code, or of all; SAMPLE=0.1 tries a tenth of the faults
	go run ./.ci/mutate -sample $(SAMPLE) $(PKG)

generate: ## write generated code anew
	go generate ./...

check: limits ## check format, lint, licences, the page's weight and that generated code is current
	@test -z "$$(gofmt -l .)" || { echo "gofmt these:"; gofmt -l .; exit 1; }
	go vet -tags browser,peers ./... ./.ci/mutate
	$(CHECKS) vet ./...
	GOOS=js GOARCH=wasm go vet -tags tinygo ./wasm/...
	$$($(CHECKS) tool -n staticcheck) -tags browser,peers ./... ./.ci/mutate
	$(CHECKS) tool staticcheck ./...
	go mod tidy -diff
	$(CHECKS) mod tidy -diff
	go generate ./...
	git diff --exit-code --stat -- '*_gen.go' core/testdata

# govulncheck ends with 3 if it finds something, and with 1 if it cannot look.
audit: ## look for known vulnerabilities, where the database of them can be reached
	GOBIN="$(CURDIR)/bin" go install golang.org/x/vuln/cmd/govulncheck@v1.9.0
	@bin/govulncheck ./... 2>&1 | tee bin/audit.txt; code=$${PIPESTATUS[0]}; \
	if [ $$code = 1 ] && grep -q 'fetching vulnerabilities' bin/audit.txt; \
	then echo "NOT AUDITED: the database of vulnerabilities (https://vuln.go.dev) cannot be reached from here."; else exit $$code; fi

clean: ## remove what was built
	rm -rf bin
	find site/dist site/parts -mindepth 1 ! -name .gitkeep -delete
