# Two commands do everything on a fresh machine: `make demo` and `make test`.
# Both make their own virtual environment in VENV; PYTHON chooses its interpreter.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
JOBS   ?= auto
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test lint types check-catalogue unit benchmark picture clean

help:
	@echo "make demo             find, install, build and export, in a store of its own (.demo)"
	@echo "make test             everything below, as CI does it"
	@echo "  make lint             style of the code"
	@echo "  make types            types of the code"
	@echo "  make check-catalogue  every detector, recipe and shell, and the cases of all detectors"
	@echo "  make unit             the tests, with their coverage"
	@echo "make benchmark        start-up and detection, measured against their peers"
	@echo "make picture          docs/session.svg again, from a real session"
	@echo "make clean            remove what the others made"

demo: $(VENV)/.user
	@$(BIN)/python tools/demo.py

test: lint types check-catalogue unit

# The configuration is named, or detectors/tool/ruff.toml would be taken for one.
lint: $(VENV)/.dev
	$(BIN)/ruff check --config pyproject.toml .
	$(BIN)/ruff format --config pyproject.toml --check .

types: $(VENV)/.dev
	$(BIN)/mypy

check-catalogue: $(VENV)/.dev
	$(BIN)/envmgr lint --cases

unit: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=term:skip-covered

benchmark: $(VENV)/.dev
	$(BIN)/python benchmarks/run.py

picture: $(VENV)/.dev
	$(BIN)/python tools/session_svg.py

# Some systems come without ensurepip; a pip that is there can then fill the environment.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	    { echo "make: envmgr needs Python 3.10 or later: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || \
	    { $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	      $(PYTHON) -m pip --quiet --python $(VENV)/bin/python install pip; } || \
	    { rm -rf $(VENV); \
	      echo "make: $(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; \
	      exit 1; }

$(VENV)/.user: pyproject.toml | $(VENV)/bin/python
	@$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml requirements-dev.txt $(VENV)/.user
	@$(PIP) --requirement requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* dist build
