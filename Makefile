# Atlas: `make run`, then `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run test test-unit test-full lint format bench bench-pii chaos package dictionary lineage notebook clean

PY := .venv/bin/python
# A benchmark needs more than the sample to tell something.
BENCH_CUSTOMERS := $(or $(CUSTOMERS),10000)
BENCH_ORDERS := $(or $(ORDERS),50000)
CUSTOMERS ?= 1000
ORDERS ?= 5000
SOURCES ?=
LAKE ?= lake
ARGS ?=
N ?= 5
# Processes that run tests, each with a Spark session of its own.
WORKERS ?= 2
SEED ?= 1
SAMPLE := sources/sample-$(CUSTOMERS)-$(ORDERS)
export PYSPARK_PYTHON := $(CURDIR)/$(PY)

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'
	@echo "variables:   CUSTOMERS=1000 ORDERS=5000 | SOURCES=folder | LAKE=folder | ARGS=\"--json\""

setup: .venv/.ready ## make or refresh .venv

.venv/.ready: pyproject.toml constraints.txt conf/models.txt
	@bash scripts/setup.sh

run: .venv/.ready ## raw files to Gold: the sample, or SOURCES=path/to/folder
	@if [ -z '$(SOURCES)' ]; then $(PY) jobs/generate_sources.py '$(SAMPLE)' --customers $(CUSTOMERS) --orders $(ORDERS); fi
	@$(PY) jobs/pipeline.py '$(or $(SOURCES),$(SAMPLE))' --lake '$(LAKE)' --log-file logs/atlas.log $(ARGS)

test: .venv/.ready ## the tests, with coverage (under 10 minutes)
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadfile -m 'not full' --cov --cov-report=term --cov-fail-under=85 $(ARGS)

test-unit: .venv/.ready ## the quick tests (about a minute)
	@$(PY) -m pytest -q -m 'not full' tests/unit $(ARGS)

test-full: .venv/.ready ## what is long or needs servers
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadfile -m full $(ARGS)

lint: .venv/.ready ## ruff, mypy, data dictionary
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && $(PY) jobs/data_dictionary.py --check

format: .venv/.ready ## ruff's formatting and fixes
	@.venv/bin/ruff check --fix -q . ; .venv/bin/ruff format .

bench: .venv/.ready ## speed against bare Spark and Delta: CUSTOMERS= ORDERS= ARGS=--growth
	@$(PY) -m tests.benchmarks.bench --customers $(BENCH_CUSTOMERS) --orders $(BENCH_ORDERS) $(ARGS)

bench-pii: .venv/.ready ## PII accuracy on FILES="a.jsonl b.jsonl" and speed against Presidio
	@$(PY) -m tests.benchmarks.bench_pii $(FILES) --spark $(ARGS)

chaos: .venv/.ready ## SIGKILL at random moments: N= SEED= ARGS=--minio
	@$(PY) -m tests.chaos --n $(N) --seed $(SEED) $(ARGS)

package: .venv/.ready ## what a cluster is sent: dist/atlas.zip
	@bash scripts/package.sh

dictionary: .venv/.ready ## write docs/DATA_DICTIONARY.md from the contracts
	@$(PY) jobs/data_dictionary.py

lineage: .venv/.ready ## draw which column comes from which: reports/lineage.html, LAKE=
	@$(PY) jobs/lineage.py picture --lake '$(LAKE)' $(ARGS)

notebook: .venv/.ready ## JupyterLab on this machine, the lake by name: LAKE=folder or s3a://bucket/prefix
	@$(PY) -c 'import jupyterlab' 2>/dev/null || $(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[notebook]'
	@mkdir -p notebooks; [ -e notebooks/explore.ipynb ] || cp docker/jupyter/explore.ipynb notebooks/
	@lake='$(LAKE)'; case "$$lake" in /*|*://*) ;; *) lake="$$PWD/$$lake" ;; esac; \
	ATLAS_LAKE="$$lake" .venv/bin/jupyter lab --ip 127.0.0.1 $(ARGS) notebooks/explore.ipynb

clean: ## remove the local lake, reports, the sample and logs (never .venv)
	@rm -rf lake reports sources logs
