# Needs python3 (3.11 or later) and make; everything else goes into .venv, pinned by hash.
# On Windows, or without make: see "Without make" in CONTRIBUTING.md.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet install
JAVA   := $(shell command -v java 2>/dev/null)

# The interpreter of one minor version, if this machine has one that runs.
find_python = $(firstword $(foreach p,python$(1) $(wildcard $(HOME)/.pyenv/versions/$(1).*/bin/python),$(shell $(p) -c '' 2>/dev/null && echo $(p))))

.PHONY: help demo test lint types floors tests smoke bench fuzz vtl wheel constraints clean
.DEFAULT_GOAL := help

help: ## say what each target does
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(VENV)/.run ## harmonize the bundled extracts; leaves tables, SDMX-CSV and an HTML report in build/
	$(BIN)/migstat demo --into build/

test: lint types floors tests ## everything that CI checks

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

floors: $(VENV)/.dev
	$(BIN)/lint-imports --no-cache

tests: $(VENV)/.dev $(if $(JAVA),$(VENV)/.spark)
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

SMOKE ?= 3.12 3.13

smoke: ## the quick tests on Python 3.12 and 3.13, where this machine has them
	@$(foreach v,$(SMOKE),$(if $(call find_python,$(v)),\
	  echo "== quick tests on Python $(v)" && \
	  $(MAKE) --no-print-directory smoke-run PYTHON=$(call find_python,$(v)) VENV=.venv-$(v),\
	  echo "== no Python $(v) on this machine: not tried") &&) true

smoke-run: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 -q -m "not slow and not spark" tests

ROWS ?= 10_000_000
RUNS ?= 3

bench: $(VENV)/.bench ## time and memory of our jobs beside others, e.g. make bench ROWS=100_000 RUNS=1
	$(BIN)/python -m benchmarks --rows $(ROWS) --runs $(RUNS) $(BENCH_ARGS)

fuzz: $(VENV)/.dev ## fuzz every reader for half an hour, guided by coverage (Linux)
	$(PIP) "atheris>=3,<4"
	$(BIN)/python tools/fuzz.py

vtl: .venv-vtl/.made $(VENV)/.dev ## run the rules as VTL in vtlengine, in an environment of its own
	$(BIN)/python -m pytest -n 0 -q tests/test_vtl_engine.py

.venv-vtl/.made: tests/test_vtl_engine.py
	$(PYTHON) -m venv .venv-vtl
	.venv-vtl/bin/python -m pip --disable-pip-version-check --quiet install "vtlengine>=1.9,<2"
	@touch $@

wheel: $(VENV)/.dev ## build the wheel and the source archive into dist/
	$(BIN)/python -m build --no-isolation

constraints: ## pin the newest versions that pyproject.toml allows
	$(PYTHON) -m venv .venv-pin
	.venv-pin/bin/python -m pip --disable-pip-version-check --quiet install "uv>=0.13,<0.14"
	$(PIN) --upgrade pyproject.toml --group build --output-file constraints.txt
	$(PIN) --upgrade pyproject.toml --group dev --constraints constraints.txt \
	  --output-file constraints-dev.txt
	$(PIN) --upgrade --group spark --output-file constraints-spark.txt

PIN := UV_CUSTOM_COMPILE_COMMAND="make constraints" .venv-pin/bin/uv pip compile --quiet --universal \
  --python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url

clean: ## remove what the other targets made
	rm -rf build dist .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests docs examples benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# The environments. .run is what a user has, .dev adds the tools, .spark adds Spark.

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "migstat needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: constraints.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r constraints.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: constraints-dev.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r constraints-dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.bench: benchmarks/requirements.txt | $(VENV)/.run
	$(PIP) -r benchmarks/requirements.txt || echo "some of benchmarks/requirements.txt cannot be installed: left out"
	@touch $@

$(VENV)/.spark: constraints-spark.txt | $(VENV)/.dev
	$(PIP) --require-hashes --no-build-isolation -r constraints-spark.txt
	@touch $@
