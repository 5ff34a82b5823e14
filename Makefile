# Commands of the checkout. The work is done by scripts/ and by the package.
#
#   make demo                        the pipeline on the camera, or on a demo sequence
#   make demo DURATION=20            ends after 20 seconds
#   make demo SOURCE=clip.mp4        any source: device, file, folder, picture, URL
#   make demo ARGS='--help'          all options of the demo
#   make check                       linters, type checker, tests of the core and of the commands
#   make test [ARGS='-k name']       linters, type checker, all tests except the long ones
#   make test-long                   the tests that take minutes each
#   make lint                        linters and type checker
#   make docs                        the pages of docs/, as build/docs/html/index.html
#   make bench [ARGS='--parts nodes']  speed: a table, build/bench.json, plots
#   make screenshots                 pictures of fer_ros in docs/images (needs chromium)
#   make fuzz [ARGS='--seconds 600']  coverage-guided fuzzing
#   make matrix [ARGS='CELL ...']    tests with other versions; docs/compatibility.md
#   make arm64 [ARGS='TEST ...']     wheel, models and demo on emulated 64-bit ARM (root, an hour)
#   make build [LOCKED=1]            virtual environment, ROS 2 and messages, with the lock
#   make lock                        pin the installed packages with hashes: requirements/lock
#   make clean                       remove everything that the others created
#
# PYTHON=python3.12 selects the Python of the virtual environment.

SHELL := /bin/bash
PYTHON ?= python3

setup := $(PYTHON) scripts/setup_environment.py $(if $(LOCKED),--locked)
ready := . scripts/environment.bash

demo_arguments = $(if $(DURATION),--duration '$(DURATION)') $(if $(SOURCE),'source:=$(SOURCE)') $(ARGS)

.PHONY: help demo check test test-long lint docs bench screenshots fuzz matrix arm64 lock build clean

help:
	@sed -n 's/^#   \(make .*\)/  \1/p' Makefile

demo:
	@$(setup)
	@$(ready) && exec python -m fer_ros demo $(demo_arguments)

# Two workers more than processors, because most tests wait for processes most of the time.
workers = $(shell echo $$(($$(nproc 2>/dev/null || sysctl -n hw.ncpu) + 2)))
pytest = python -m pytest --numprocesses $(workers) --durations 20

check: lint
	$(ready) && $(pytest) test/core test/cli $(ARGS)

test: lint
	$(ready) && $(pytest) $(ARGS)

test-long:
	@$(setup) --tests
	$(ready) && $(pytest) --long only $(ARGS)

lint:
	@$(setup) --tests
	$(ready) && ruff check && ruff format --check --quiet
	$(ready) && python scripts/lint_text.py
	$(ready) && mypy

# -E, because generated pages depend on code that Sphinx does not watch.
docs:
	@$(setup) --docs
	@$(ready) && python -m sphinx -E -W --keep-going -q docs build/docs/html
	@echo 'build/docs/html/index.html'

# Other packages have a separate environment. Without it, the comparison is omitted.
rivals := .cache/bench

$(rivals)/ready: requirements/bench.txt requirements/bench_no_deps.txt requirements/runtime.txt
	@echo 'fer_ros: installing what to compare with (TensorFlow, fer) ...'
	@rm -rf $(rivals) && $(PYTHON) -m venv $(rivals)
	@$(rivals)/bin/pip install -q --disable-pip-version-check -r requirements/bench.txt
	@$(rivals)/bin/pip install -q --disable-pip-version-check --no-deps -r requirements/bench_no_deps.txt
	@touch $@

bench:
	@$(setup)
	@$(MAKE) --no-print-directory $(rivals)/ready || true
	@if [ -f $(rivals)/ready ]; then export BENCH_PYTHON=$(rivals)/bin/python; fi; \
	  $(ready) && exec python -m benchmark $(ARGS)

screenshots:
	@$(setup) --tests
	@$(ready) && PYTHONPATH="test:$$PYTHONPATH" exec python test/browser/screenshots.py

fuzz:
	@$(setup) --tests
	@$(ready) && pip install -q --disable-pip-version-check -r requirements/fuzz.txt
	$(ready) && python scripts/fuzz.py $(ARGS)

arm64:
	PYTHON='$(PYTHON)' scripts/arm64.bash $(ARGS)

matrix:
	$(PYTHON) scripts/compatibility_matrix.py $(ARGS)

lock: build
	@$(ready) && pip install -q --disable-pip-version-check uv
	$(ready) && python scripts/lock.py

build:
	@$(setup)

clean:
	rm -rf .venv build install log .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
