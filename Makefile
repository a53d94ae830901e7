# Relève. Two commands do everything on a fresh Debian 12 that has Python 3.11, git and make:
#   make run     a hospital with invented patients, alive
#   make test    everything that must hold before a change lands

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

BIN := .venv/bin
DATA ?= .run/demo
ARGS ?=

.PHONY: help run setup test bench soak coverage format lint catalogues messages lock clean distclean

help: ## this list
	@echo 'Relève keeps a hospital working when its information system is cut, and brings it back in order.'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  Variables: DATA=DIR (make run, default .run/demo), ARGS="..." (passed to the command).'

run: ## the main job: an island, its boards, and a 700-bed hospital of invented patients that speaks to it
	@scripts/setup runtime
	@exec $(BIN)/releve demo --data "$(DATA)" $(ARGS)

setup: ## put everything in .venv; quick the second time
	@scripts/setup dev

test: ## what CI runs: form, types, walls, unit, scenario and browser tests; ends with what was skipped and why
	@scripts/setup venv
	@scripts/peers test & scripts/setup dev && wait $$!
	@exec $(BIN)/python scripts/test $(ARGS)

bench: ## measure beside peers; figures go to bench/results/
	@scripts/setup dev
	@scripts/peers bench
	@exec $(BIN)/python -m bench $(ARGS)

soak: ## the tests that kill and break, 200 rounds instead of 10 (hours)
	@scripts/setup dev
	@scripts/peers test
	@$(BIN)/python scripts/remove-controls
	@RELEVE_ROUNDS="$${RELEVE_ROUNDS:-200}" exec $(BIN)/python -m pytest -m soak -p no:xdist --timeout 0 $(ARGS)

coverage: ## the branches of the auditable core that its tests take (journal, exchange), and its lines
	@scripts/setup dev
	@$(BIN)/python scripts/core-lines
	@exec $(BIN)/python scripts/coverage $(ARGS)

format: ## write the code the way we read it
	@scripts/setup dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: ## form, types and walls, without the tests
	@scripts/setup dev
	@exec $(BIN)/python scripts/test --only format,lint,types,walls $(ARGS)

catalogues: ## compile the languages (make setup does it)
	@$(BIN)/python scripts/catalogues compile

messages: ## find the sentences to translate and add them to the French catalogues
	@scripts/setup dev
	@$(BIN)/python scripts/catalogues extract

lock: ## choose the versions of the dependencies again (needs uv)
	@scripts/lock

clean: ## remove caches and the demonstration island, keep .venv
	rm -rf .run .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## remove .venv too
	rm -rf .venv
	find src -name '*.mo' -delete
