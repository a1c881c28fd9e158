# `make demo` and `make test` are all a fresh Debian or Ubuntu needs; each installs what it lacks and is quick the next time.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

venv := .venv
bin := $(venv)/bin
pip := $(bin)/python -m pip --disable-pip-version-check -qq
run_ready := $(venv)/.ready-to-run
dev_ready := $(venv)/.ready-to-develop
WORKERS ?= 3
unexport PYTHONDONTWRITEBYTECODE # the tests start the program some hundred times: it is to be compiled once

.PHONY: help demo test test-all lint format bench frozen windows pictures pins clean packages-demo packages-test packages-frozen

help: ## Show what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: packages-demo $(run_ready) ## The agent against a sample practice and a simulated marketplace
	@$(bin)/frontdesk demo

test: packages-test $(dev_ready) ## All tests
	@$(bin)/pytest -n $(WORKERS) --dist loadgroup $(ARGS)

test-all: packages-test $(dev_ready) ## All tests, and every variant of the long ones (about half an hour)
	@$(bin)/pytest -n $(WORKERS) --dist loadgroup -m "long or not long" $(ARGS)

lint: $(dev_ready) ## Style, types, layering and what we depend on
	@$(MAKE) --no-print-directory -f tools/checks.mk --jobs=$$(nproc) --keep-going --output-sync bin=$(bin)

format: $(dev_ready) ## Lay the code out
	@$(bin)/ruff format .
	@$(bin)/ruff check --fix .

bench: packages-test $(dev_ready) ## How fast, against the least that could be done (about five minutes)
	@$(bin)/python -m benchmarks $(ARGS)

.PHONY: year
year: $(run_ready) ## A simulated year of three practices (a few minutes)
	@$(bin)/python -m agent.sandbox.year $(ARGS)

frozen: packages-frozen $(dev_ready) ## The program as a folder that needs no Python, in dist/
	@$(bin)/python installer/build.py

windows: packages-test $(dev_ready) ## The Windows programs and their installer, built and tried under Wine (a quarter of an hour)
	@FRONTDESK_WINDOWS_RIG=1 $(bin)/pytest -v tests/frozen/test_{signing,installer_tables,windows_python,windows_rig,frozen_reaches,installer_life}.py

pictures: packages-test $(dev_ready) ## The window in every state, dark and light, in build/pictures; those in docs/images anew
	@FRONTDESK_PICTURES=build/pictures/light-100 $(bin)/pytest tests/ui/test_ui_screen_engine.py
	@$(bin)/python tools/pictures.py build/pictures --docs docs/images $(ARGS)

pins: $(dev_ready) ## Renew every dependency and write the versions down
	@$(pip) install --upgrade --upgrade-strategy eager --editable '.[dev]'
	@$(bin)/python tools/pin.py

clean: ## Remove everything that can be made again
	@rm -rf build dist $(venv) *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find agent tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} +

packages-demo:
	@tools/system-packages demo

packages-test:
	@tools/system-packages test

packages-frozen:
	@tools/system-packages frozen

$(bin)/python:
	@tools/system-packages python
	@echo "Making a Python environment in $(venv)"
	@"$$(tools/find-python)" -m venv $(venv) || { rm -rf $(venv); exit 1; }

$(run_ready): $(bin)/python pyproject.toml requirements/run.txt
	@echo "Installing what the program needs into $(venv)"
	@$(pip) install --constraint requirements/run.txt --editable .
	@touch $@

$(dev_ready): $(bin)/python pyproject.toml requirements/run.txt requirements/dev.txt
	@echo "Installing what the program and its tests need into $(venv)"
	@$(pip) install --constraint requirements/dev.txt --editable '.[dev]'
	@touch $(run_ready) $@
