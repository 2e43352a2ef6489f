# Two commands do all the set-up: `make explain` and `make test`. What they make lies in .venv, .whymove and .neo4j of
# this folder; the system's Python is left alone, and a second run does only what is still missing.
SHELL := /bin/bash
PYTHON ?= python3
UV ?= uv
CASE ?= 2026-02-05-bitcoin-flash-crash
DATA ?= $(if $(WHYMOVE_DATA),$(WHYMOVE_DATA),$(CURDIR)/.whymove)
BIN := .venv/bin
CODE := api graph causal ingest tests tools
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input install
COMPILE := pip compile --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --quiet

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help explain test check format lint types layers size unit contract e2e accuracy calibration switches bench load ingest-kill openapi lock clean

help: ## what can be made
	@grep -hE '^[a-z0-9-]+:.*##' Makefile | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1|\2/' \
	  | while IFS='|' read -r target words; do printf '%-15s %s\n' "$$target" "$$words"; done

.venv/run.stamp: requirements.lock requirements-build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { \
	  echo "whymove needs Python 3.11 to 3.14, and $(PYTHON) is not one of them or is missing;" >&2; \
	  echo "name one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@echo "== installing what whymove needs into .venv (about 100 MB to fetch the first time)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv || { \
	  echo "$(PYTHON) cannot make virtual environments; Debian and Ubuntu have that in python3-venv" >&2; exit 2; }
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --require-hashes -r requirements-build.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	@echo "== installing what the tests need into .venv"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

explain: .venv/run.stamp ## explain bitcoin on 5 February 2026: graph, ingest, explanation, all stopped again
	@set -eu; export WHYMOVE_DATA="$(DATA)"; \
	  if [ -n "$${WHYMOVE_GRAPH_URL:-}" ]; then \
	    echo "== using the graph at $$WHYMOVE_GRAPH_URL"; \
	  elif $(BIN)/whymove status | grep -q 'runs as process'; then \
	    echo "== using the graph server that runs already"; \
	  else \
	    echo "== starting a graph server in $$WHYMOVE_DATA"; \
	    trap 'echo "== stopping the graph server"; $(BIN)/whymove stop' EXIT; \
	    trap 'exit 130' INT TERM; \
	  fi; \
	  echo "== ingesting the bundled case $(CASE)"; \
	  $(BIN)/whymove ingest case --bundled "$(CASE)"; \
	  echo "== ingesting the documents that ship with it"; \
	  $(BIN)/whymove ingest document --bundled-with "$(CASE)"; \
	  echo "== explaining it"; \
	  $(BIN)/whymove explain --case "$(CASE)"

test: lint types layers size ## the whole suite, which is what CI runs
	@echo "== tests: unit, contract and end to end, on the embedded server and on a real Neo4j"
	@$(BIN)/pytest tests/unit tests/contract tests/e2e

check: lint types layers size unit ## the quick part of it, before a commit

format: .venv/dev.stamp ## put the code into form
	@$(BIN)/ruff check --fix --quiet $(CODE) || true
	@$(BIN)/ruff format $(CODE)

lint: .venv/dev.stamp ## form and lint
	@echo "== form and lint"
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)

types: .venv/dev.stamp ## types, strict
	@echo "== types"
	@$(BIN)/mypy

layers: .venv/dev.stamp ## who may import whom
	@echo "== layers"
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache --no-logo

size: .venv/dev.stamp ## lengths of files and functions
	@echo "== lengths"
	@$(BIN)/python -m tools.size_limits

unit: .venv/dev.stamp ## tests without any server
	@echo "== unit tests"
	@$(BIN)/pytest tests/unit

contract: .venv/dev.stamp ## one suite a seam, the graph's on both servers
	@echo "== contract tests"
	@$(BIN)/pytest tests/contract

e2e: .venv/dev.stamp ## the whole path, on both servers
	@echo "== end-to-end tests"
	@$(BIN)/pytest tests/e2e

accuracy: .venv/dev.stamp ## how well the scores tell true stories from wrong ones on the bundled cases
	@$(BIN)/python -m tests.accuracy.report

calibration: .venv/dev.stamp ## how right the probabilities are on simulated moves whose causes are known
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.simulator.report $(if $(QUICK),--quick)

switches: .venv/dev.stamp ## whether what can be turned on helps, on simulated moves and on the bundled cases
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.simulator.switches
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.accuracy.switches

bench: .venv/dev.stamp ## benchmarks, in CPU time
	@$(BIN)/python -m tests.benchmarks.bench_explain
	@$(BIN)/python -m tests.benchmarks.bench_core
	@$(BIN)/python -m tests.benchmarks.bench_dowhy
	@$(BIN)/python -m tests.benchmarks.bench_explain_all
	@$(BIN)/python -m tests.benchmarks.bench_gather
	@$(BIN)/python -m tests.benchmarks.bench_series
	@$(BIN)/python -m tests.benchmarks.bench_tables
	@$(BIN)/python -m tests.benchmarks.bench_rest
	@$(BIN)/python -m tests.benchmarks.bench_ingest
	@$(BIN)/python -m tests.benchmarks.bench_many $(if $(TEN_MILLION),--ten-million,$(if $(MILLION),--million))

load: .venv/dev.stamp ## ten minutes of mixed traffic at 80 % of capacity, then more than that
	@$(BIN)/python -m tests.load.report $(if $(SECONDS_OF_LOAD),--seconds $(SECONDS_OF_LOAD))

ingest-kill: .venv/dev.stamp ## kill an ingest of 200,000 observations at 50 random points, and its server at 10, on both servers
	@WHYMOVE_TEST_KILLS=50 WHYMOVE_TEST_SERVER_KILLS=10 WHYMOVE_TEST_OBSERVATIONS=200000 $(BIN)/pytest -q -s tests/contract/test_ingest_kill.py

openapi: .venv/dev.stamp ## write openapi/openapi.yaml anew
	@$(BIN)/python -m api.openapi

lock: ## resolve the dependencies anew (needs uv)
	@$(UV) $(COMPILE) pyproject.toml --extra dev -o requirements-dev.lock
	@$(UV) $(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock
	@$(UV) $(COMPILE) --group build -c requirements-dev.lock -o requirements-build.lock

clean: ## remove what was made here, but not the data in .whymove
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
