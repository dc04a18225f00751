# The two to know: `make demo` and `make test`. `make help` lists all.

# The Python that sets things up, 3.9 or newer; .venv gets its own 3.13. The first one that runs:
# python3 may be a shim of pyenv's that does not.
PYTHON ?= $(or $(shell for p in python3 /usr/bin/python3 python; do \
	$$p -c '' 2>/dev/null && echo $$p && break; done),python3)
BIN := .venv/bin
ARGS ?=
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder

# As the commands do by themselves (simgen/cli.py); tests call their parts.
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo train test test-all test-fast test-train consumers lint format typecheck check docs constraints wheel \
	clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv with Python 3.13, simgen and all it needs
	@$(PYTHON) scripts/bootstrap.py

train: setup ## what `simgen experiment` trains with, PyTorch and torchvision, into .venv (3 GB)
	@$(PYTHON) scripts/bootstrap.py train

demo: setup ## render a small dataset (ARGS="num_scenes=20 seed=7" to override)
	@$(BIN)/simgen generate $(ARGS)

test: lint typecheck ## lint, types and tests of all modules (ARGS="-k camera" to choose)
	@$(BIN)/python -m pytest -m "not exhaustive" $(PARALLEL) $(ARGS)

test-all: setup ## what `make test` leaves out: whole corpora, long faults, clusters
	@$(BIN)/python -m pytest -m exhaustive $(PARALLEL) $(ARGS)

test-fast: setup ## the tests that need no Blender
	@$(BIN)/python -m pytest -m "not render and not slow and not exhaustive" $(ARGS)

test-train: train ## tests of the trainers, and of a study from its config to its report
	@$(BIN)/python -m pytest tests/trainers $(ARGS)

consumers: setup ## tests with torch, torchvision, Ultralytics (several GB, in .venv-consumers)
	@$(BIN)/python scripts/consumers.py $(ARGS)

lint: setup ## style and formatting, changing nothing
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "lint: run make format" >&2; exit 1; }

format: setup ## bring the code into shape
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

typecheck: setup ## static types
	@$(BIN)/mypy

check: test test-all ## everything that CI runs

docs: setup ## build the documentation's site, build/docs/index.html
	@$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs build/docs

constraints: ## pin the newest versions that pyproject.toml allows
	@$(PYTHON) scripts/update_constraints.py

wheel: setup ## build a wheel into dist/
	@$(BIN)/hatchling build --target wheel

clean: ## remove what was made here, .venv included; datasets stay
	@rm -rf .venv .venv-consumers .tools dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find simgen scripts tests -name __pycache__ -prune -exec rm -rf {} +
