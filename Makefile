# make demo and make test each do their whole set-up on a machine with python3 >= 3.11, venv and make.
PYTHON ?= python3
BIN := .venv/bin
CODE := src tests benchmarks
# Python compiles what it imports when it first does; to compile all 13,000 files of the packages takes longer.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.PHONY: demo test test-all check chaos format clean

demo: .venv/demo-ready
	$(BIN)/tunesmith demo

# torch comes first and alone, so that a machine without a GPU does not draw the CUDA packages.
.venv/torch-ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) torch==2.13.0
	touch $@

.venv/demo-ready: .venv/torch-ready
	$(INSTALL) --constraint constraints.txt --editable .
	touch $@

# All in one pass; what the demo needs is then there too.
.venv/ready: .venv/torch-ready
	$(INSTALL) --constraint constraints.txt --editable '.[dev]'
	touch .venv/demo-ready $@

check: .venv/ready
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: check
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" -o faulthandler_timeout=300

test-all: check
	$(BIN)/python -m pytest

# Kills runs at 40 random moments and compares what they end with; some minutes.
chaos: .venv/demo-ready
	$(BIN)/python benchmarks/chaos.py --kills 40

format: .venv/ready
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

clean:
	rm -rf .venv build dist
