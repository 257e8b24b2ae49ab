# One command each; every one sets up its own virtual environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A worker for each core, at most four; the tests of a file stay on one worker, so that what it builds is built once.
PYTEST := -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# Compiled once, not in every process of every run.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-slow lint types check format demo cover clean

run: $(VENV)/.run
	$(BIN)/python -m streamlit run app.py

test: $(VENV)/.dev
	$(BIN)/python $(PYTEST) -m "not slow"

# What takes long by its nature, and every property test again on more examples.
test-slow: $(VENV)/.dev
	$(BIN)/python $(PYTEST) -m "slow or hypothesis" --hypothesis-profile thorough

lint: $(VENV)/.dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m scripts.check_vocabulary

types: $(VENV)/.dev
	$(BIN)/python -m mypy

check: lint types test

format: $(VENV)/.dev
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

cover: $(VENV)/.dev
	$(BIN)/python -m slipcover --source coverage,geodata,pages $(PYTEST) -q -m "not slow"

demo: $(VENV)/.run
	$(BIN)/python cli.py demo demo-study

$(VENV)/.run: requirements.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed')"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
