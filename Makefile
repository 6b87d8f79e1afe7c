# Everything runs in .venv; nothing outside this folder is touched, but for Chromium, npm and a Java
# runtime, which `make test` installs where there are none.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Two tests at a time and no more, on any machine; those of a file after one another.
BESIDE := -n 2 --dist loadfile
# What works on the list of dependencies, and is none of them.
TOOLS := .venv-tools

.PHONY: help install demo test test-bad-days browser lint format types bench-render bench-recipe bench-scan bench-encoding bench-web bench-load bench-flops bench-writer lock audit clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP)  ## make .venv with everything in it

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[precompute,dev]'
	@touch $(STAMP)

demo: install  ## precompute a sample and serve it on http://127.0.0.1:8000
	$(BIN)/microscope demo

test: install browser lint types  ## everything that must hold
	$(BIN)/python -m pytest $(BESIDE) $(ARGS)

test-bad-days: install browser  ## what a site must outlive; some minutes
	$(BIN)/python -m pytest -m bad_day $(BESIDE) tests/bad_days $(ARGS)

browser: install  ## what the tests of the pages need: Chromium, axe-core, the Nu validator
	@$(BIN)/python -m tests.tools

lint: install  ## style and format, changing nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install  ## put the code into its format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: install  ## strict types
	$(BIN)/mypy

bench-render: install  ## speed and strength against torch-lucent, on BVLC's weights
	$(BIN)/python -m benchmarks.render $(ARGS)

bench-recipe: install  ## what each part of the recipe is worth, on BVLC's weights
	$(BIN)/python -m benchmarks.recipe $(ARGS)

bench-scan: install  ## the scan against the forward pass alone, on BVLC's weights
	$(BIN)/python -m benchmarks.scan $(ARGS)

bench-encoding: install  ## WebP and AVIF on our own pictures
	$(BIN)/python -m benchmarks.encoding $(ARGS)

bench-web: install  ## response times and images per second; needs wrk and nginx-light
	@$(BIN)/python -m benchmarks.web $(ARGS)

bench-load: install  ## 256 connections through Caddy; ARGS="--other PATH" compares; needs wrk, caddy
	@$(BIN)/python -m benchmarks.load $(ARGS)

lock: $(TOOLS)/.installed  ## requirements/web.txt: what the web image installs, with hashes
	$(TOOLS)/bin/uv pip compile --quiet --upgrade --generate-hashes --python-version 3.13 \
		--python-platform linux --custom-compile-command "make lock" \
		--output-file requirements/web.txt pyproject.toml

audit: $(TOOLS)/.installed  ## whether anything in requirements/web.txt is known to be vulnerable
	$(TOOLS)/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements/web.txt

$(TOOLS)/.installed:
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check uv pip-audit
	@touch $@

bench-flops: install  ## operations that a picture and an image take, counted
	$(BIN)/python -m benchmarks.flops $(ARGS)

bench-writer: install  ## what the single writer takes a second, on SQLite and PostgreSQL
	$(BIN)/python -m benchmarks.writer $(ARGS)

clean:  ## remove what was built
	rm -rf $(VENV) $(TOOLS) .venv-lucent .bench build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
