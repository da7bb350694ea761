# Everything that a person or CI calls. Options come through the environment, see README.md.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin

# The first interpreter that is new enough; failing that python3, which then says what is wrong.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	echo $$name; exit; fi; done; echo python3)
INSTALL := $(PYTHON) webapp/config/supervisor/install.py $(VENV)

.PHONY: up install install-dev lint format messages test test-unit test-e2e bench clean help

help: ## Say what there is.
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 14

up: install ## Install what is missing and run Nightjar; Ctrl-C stops it.
	@exec $(BIN)/python -m webapp.config.supervisor

install:
	@$(INSTALL) requirements.txt

install-dev:
	@$(INSTALL) requirements-dev.txt

lint: install-dev ## Check style, types and architecture.
	@PATH="$$PWD/$(BIN):$$PATH" sh tests/ops/lint.sh

format: install-dev ## Put imports and layout in order.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: install-dev ## Collect what is to be translated; compile the catalogues.
	@$(BIN)/python -m tests.ops.messages

test: ## Lint, then every test; the last line is pytest's.
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test-unit
	@$(MAKE) --no-print-directory test-e2e

test-unit: install-dev ## Tests that need no browser and no running server.
	@sh tests/ops/run_pytest.sh -n 2 -m "not e2e" tests

test-e2e: install-dev ## Tests in a real browser against the real stack.
	@sh tests/ops/run_pytest.sh -m e2e tests

bench: install-dev ## Measure speed beside the published recipe and peers; BENCH="--clips 2" for less.
	-@$(BIN)/python -m pip install --quiet -r requirements-fast.txt
	-@$(BIN)/python -m pip install --quiet --no-deps --upgrade --target $(VENV)/peers \
		-r requirements-bench.txt
	@$(BIN)/python -m tests.bench.speed $(BENCH)

clean: ## Remove what is installed and cached; var/ (your data) stays.
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
