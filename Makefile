# `make` lists what there is.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
KG := $(BIN)/kg
DEMO ?= demo.kg

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format build-generated bench clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(VENV)/.ready  ## a virtual environment with kg and everything to develop it

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kg needs Python 3.11 or newer: make setup PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup  ## build a graph from the bundled demo papers and ask it what is built on Llama
	$(KG) demo --graph $(DEMO)

test: setup  ## every test, on the embedded store and on real Neo4j
	$(BIN)/python -m pytest

check: setup  ## format, lint, types, and freshness of what is generated
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests
	$(BIN)/mypy
	$(BIN)/python -m kg.lexicon --check
	$(KG) schema check
	$(BIN)/python docs/make_cli.py --check

format: setup  ## format and mend what can be mended
	$(BIN)/ruff format src tests docs
	$(BIN)/ruff check --fix src tests docs

build-generated: setup  ## make anew what is generated: lexicon, schema files, CLI reference
	$(BIN)/python -m kg.lexicon
	$(KG) schema build
	$(BIN)/python docs/make_cli.py

bench: setup  ## speed, as ratios measured side by side
	$(BIN)/python bench/speed.py

clean:  ## remove the environment, caches and the demo graph
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .pytest_cache
