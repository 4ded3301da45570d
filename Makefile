# make demo and make test each do their whole set-up on a machine with python3 >= 3.11, venv and make.
PYTHON ?= python3
BIN := .venv/bin
CODE := src tests benchmarks

.PHONY: demo test test-all check chaos format clean

demo: .venv/demo-ready
	$(BIN)/tunesmith demo

# torch comes first and alone, so that a machine without a GPU does not draw the CUDA packages.
.venv/demo-ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

.venv/ready: .venv/demo-ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

check: .venv/ready
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: check
	$(BIN)/python -m pytest -n 2 -m "not slow"

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
