# `make` lists what there is.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
KG := $(BIN)/kg
DEMO ?= demo.kg
RUNS ?= 1000000
FUZZ ?= .fuzz

.DEFAULT_GOAL := help
.PHONY: help setup demo test fuzz faults scale check format build-generated bench clean

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

fuzz: setup  ## feed every parser and the grammar of names with made-up bytes: RUNS=1000000 each
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	mkdir -p $(FUZZ)
	for target in $$($(BIN)/python fuzz/fuzz.py list); do \
		mkdir -p $(FUZZ)/$$target; \
		$(BIN)/python fuzz/fuzz.py $$target -runs=$(RUNS) -max_len=600 -timeout=20 -artifact_prefix=$(FUZZ)/$$target- $(FUZZ)/$$target || exit 1; \
	done

faults: setup  ## kill, at random moments, 120 loaders and servers; fifty readers at once (minutes)
	KG_FAULT_ROUNDS=40 $(BIN)/python -m pytest tests/stores/test_faults.py

check: setup  ## format, lint, types, and freshness of what is generated
	$(BIN)/ruff format --check src tests fuzz
	$(BIN)/ruff check src tests fuzz
	$(BIN)/mypy
	$(BIN)/python -m kg.lexicon --check
	$(KG) schema check
	$(BIN)/python docs/make_cli.py --check

format: setup  ## format and mend what can be mended
	$(BIN)/ruff format src tests fuzz docs
	$(BIN)/ruff check --fix src tests fuzz docs

build-generated: setup  ## make anew what is generated: lexicon, schema files, CLI reference, pictures
	$(BIN)/python -m kg.lexicon
	$(KG) schema build
	$(BIN)/python docs/make_cli.py
	$(BIN)/python docs/make_pictures.py

bench: setup  ## speed beside spaCy's NER, in one run on one core; PAPERS=FILE for texts of yours
	$(BIN)/python bench/speed.py $(PAPERS)

scale: setup  ## load and ask a made-up graph: make scale STORE=embedded NODES=1000000
	$(BIN)/python bench/scale.py $(or $(STORE),embedded) --nodes $(or $(NODES),100000)

clean:  ## remove the environment, caches and the demo graph
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .pytest_cache
