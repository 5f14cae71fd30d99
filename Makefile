# The front door. Every target is one word; `make demo` is the one to try first.

.PHONY: help setup demo test lint types docs bench validate clean chromium
.NOTPARALLEL:

BIN = .venv/bin

help:
	@echo "make demo      install everything, simulate and load an advertiser, serve dashboard and API"
	@echo "make test      lint, types and all tests (installs what they need)"
	@echo "make setup     only install: leaves the command at .venv/bin/causeway"
	@echo "make lint      ruff and the layers between the packages"
	@echo "make types     mypy, strict"
	@echo "make docs      hold the documentation against the program"
	@echo "make bench     the measurements side by side"
	@echo "make validate  every model against simulated truth, into docs/validation.md"
	@echo "make clean     remove what the other targets made (never your data)"

setup:
	@sh scripts/setup.sh

demo: setup
	@$(BIN)/causeway demo

# Tests start hundreds of programs: compiled once, whatever the environment says, they start in half the time.
test: setup chromium lint types
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist loadfile

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: setup
	$(BIN)/mypy

docs: setup
	$(BIN)/pytest tests/test_docs.py tests/test_docs_examples.py tests/test_containers.py tests/warehouse/test_settings.py

bench: setup
	$(BIN)/python -m bench

validate: setup
	$(BIN)/python -m validation

chromium:
	@sh scripts/chromium.sh

clean:
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
