SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# How long each fuzz target runs.
FUZZTIME ?= 10s

# Which benchmarks run: a regular expression.
BENCH ?= .

# The programs tell the commit they were built from, unless git does not trust the checkout.
BUILDFLAGS = -trimpath $(shell git status --short >/dev/null 2>&1 || echo -buildvcs=false)

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## build auditor, auditor-sync and auditor-dbinit into ./bin
	@mkdir -p bin
	go build $(BUILDFLAGS) -o bin/ ./cmd/auditor ./cmd/auditor-sync ./cmd/auditor-dbinit

.PHONY: man
man: build ## make manual pages of the help texts, in ./bin/man
	@mkdir -p bin/man
	@for program in auditor auditor-sync auditor-dbinit; do \
		"bin/$$program" __man >"bin/man/$$program.1"; \
	done
	@echo 'read them with: man -l bin/man/auditor.1'

.PHONY: demo
demo: build ## catch a fraud in a simulated exchange (installs PostgreSQL if it is missing)
	@.ci/ensure-postgresql
	bin/auditor demo

# Tests leave much garbage, which takes less time to collect rarely.
test: export GOGC ?= 400

.PHONY: test
test: ## run all checks and tests, then those that suit it under the race detector (installs PostgreSQL and a C compiler if they are missing)
	@.ci/ensure-postgresql compiler
	@.ci/ensure-browser
	@$(MAKE) --no-print-directory lint
	go test -timeout 40m ./...
	CGO_ENABLED=1 go test -race -short -timeout 20m ./...

.PHONY: lint
lint: ## check the formatting, go vet, staticcheck
	@unformatted=$$(gofmt -l .); \
	if [[ -n $$unformatted ]]; then printf 'run gofmt -w on:\n%s\n' "$$unformatted" >&2; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

.PHONY: bench
bench: ## run the benchmarks, BENCH=REGEXP chooses
	@.ci/ensure-postgresql
	go test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 3h ./...

.PHONY: matrix
matrix: ## print which check finds which fraud, and which frauds wait for a check
	@.ci/ensure-postgresql
	@table=$$(mktemp); trap 'rm -f "$$table"' EXIT; \
	go test -count=1 -run '^TestMatrix$$' ./audit -matrix "$$table" >&2; \
	cat "$$table"

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME=10s
	@.ci/ensure-postgresql
	@for package in $$(go list ./...); do \
		tests=$$(go test -list '^Fuzz' "$$package"); \
		for target in $$(grep '^Fuzz' <<<"$$tests" || true); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package"; \
		done; \
	done

# How many rows make sweep changes per column and kind of change.
ROWS ?= 3

.PHONY: sweep
sweep: ## change every audited column, and what the bank tells, in every way, ROWS=3 rows each, and print who notices (takes an hour)
	@.ci/ensure-postgresql
	go test ./audit -run '^Test(Bank)?Sweep$$' -count=1 -v -timeout 6h -sweep.rows $(ROWS)

# How many faults make faults injects at random moments, beside one cut at each step of a pass.
FAULTS ?= 300

.PHONY: faults
faults: ## kill, stop, crash and cut what replication consists of, FAULTS=300 times, while an exchange trades (takes minutes)
	@.ci/ensure-postgresql
	SYNC_TEST_FAULTS=$(FAULTS) go test -count=1 -v -timeout 2h -run '^(TestFaults|TestCutAtEveryStep)$$' ./sync

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
