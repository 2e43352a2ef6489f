# Two commands do all the set-up: `make explain` and `make test`. Everything lives in .venv, .whymove and .neo4j here.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
CASE ?= 2026-02-05-bitcoin-flash-crash
DATA ?= $(CURDIR)/.whymove
CODE := api graph causal ingest tests tools
UV ?= uv

.DEFAULT_GOAL := help
.PHONY: help explain test check lint types layers size unit contract e2e accuracy bench openapi lock clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

.venv/run.stamp: requirements.lock pyproject.toml
	@echo "== making .venv and installing what the program needs (the system's Python is left alone)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "whymove needs Python 3.11 or later; say which: make PYTHON=python3.12 explain" >&2; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	@echo "== installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

explain: .venv/run.stamp ## explain bitcoin on 5 February 2026: start the graph, ingest, explain, stop the graph
	@echo "== explaining $(CASE); data in $(DATA)"
	@export WHYMOVE_DATA="$(DATA)"; ours=yes; \
	  if [ -n "$${WHYMOVE_GRAPH_URL:-}" ] || $(BIN)/whymove status | grep -q 'runs as process'; then ours=no; fi; \
	  trap 'if [ "$$ours" = yes ]; then echo "== stopping the graph server"; $(BIN)/whymove stop; fi' EXIT; \
	  trap 'exit 130' INT TERM; \
	  $(BIN)/whymove ingest case --bundled $(CASE) && $(BIN)/whymove explain --case $(CASE)

test: lint types layers size unit contract e2e ## everything that CI runs
	@echo "== all of it passed"

check: lint types layers size unit ## the quick part, before a commit

lint: .venv/dev.stamp ## format and lint
	@echo "== format and lint"
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)

types: .venv/dev.stamp ## types, strict
	@echo "== types"
	@$(BIN)/mypy

layers: .venv/dev.stamp ## who may import whom
	@echo "== layers"
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache

size: .venv/dev.stamp ## lengths of files and functions
	@echo "== size"
	@$(BIN)/python -m tools.size_limits

unit: .venv/dev.stamp ## tests without any server
	@echo "== unit tests"
	@$(BIN)/pytest tests/unit -q

contract: .venv/dev.stamp ## one suite a seam, graph suites on both servers
	@echo "== contract tests (the embedded server, and a real Neo4j where Java and Maven are)"
	@$(BIN)/pytest tests/contract -q

e2e: .venv/dev.stamp ## the whole path on both servers, accuracy and benchmarks as a short smoke run
	@echo "== end-to-end tests"
	@$(BIN)/pytest tests/e2e -q

accuracy: .venv/dev.stamp ## how well scores tell true stories from wrong ones on the bundled cases
	@$(BIN)/python -m tests.accuracy.report

bench: .venv/dev.stamp ## benchmarks, CPU time
	@$(BIN)/python -m tests.benchmarks.bench_explain

openapi: .venv/dev.stamp ## write openapi/openapi.yaml anew
	@$(BIN)/python -m api.openapi

lock: ## resolve the dependencies anew (needs uv)
	@$(UV) pip compile pyproject.toml --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -q -o requirements.lock
	@$(UV) pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 --no-header --no-annotate -q -o requirements-dev.lock

clean: ## remove what was made here (not the data of explanations)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
