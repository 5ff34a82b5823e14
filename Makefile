# What a person types. The work is done by scripts/ and by the package itself.
#
#   make demo                        the pipeline on the camera, or on a demo sequence
#   make demo DURATION=20            ends by itself after 20 seconds
#   make demo SOURCE=clip.mp4        any source: device, file, folder, picture, URL
#   make demo ARGS='--help'          everything else the demo takes
#   make check                       linters, type checker, tests of the core and of the commands
#   make test [ARGS='-k name']       linters, type checker, all tests but those that take minutes each
#   make test-long                   the tests that take minutes each
#   make lint                        linters and type checker alone
#   make docs                        the pages of docs/, as build/docs/html/index.html
#   make bench [ARGS='--parts nodes']  how fast it is: a table, build/bench.json, plots
#   make screenshots                 the pictures of the dashboard in docs/images (needs chromium)
#   make fuzz [ARGS='--seconds 600']  bad input for long, guided by coverage
#   make matrix [ARGS='CELL ...']    the suite with other versions; docs/compatibility.md
#   make arm64 [ARGS='TEST ...']     wheel, models and demo on emulated 64-bit ARM (root, an hour)
#   make build [LOCKED=1]            virtual environment, ROS 2 and messages; from the lock
#   make lock                        pin what was installed, with hashes: requirements/lock
#   make clean                       remove all of that
#
# PYTHON=python3.12 chooses the Python of the virtual environment.

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

# Most tests wait for processes most of the time: two more workers than there are processors.
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

# -E: generated pages depend on code that Sphinx does not watch.
docs:
	@$(setup) --docs
	@$(ready) && python -m sphinx -E -W --keep-going -q docs build/docs/html
	@echo 'build/docs/html/index.html'

# What fer_ros is compared with has an environment of its own; without it that part is left out.
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
	@$(setup)
	scripts/arm64.bash $(ARGS)

matrix:
	$(PYTHON) scripts/compatibility_matrix.py $(ARGS)

lock: build
	.venv/bin/python scripts/lock.py

build:
	@$(setup)

clean:
	rm -rf .venv build install log .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
