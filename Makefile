# Everything a fresh machine needs: Python 3.11 or newer with venv, and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint clean

demo: .venv/.local  ## set up, ingest the examples, embed them, search
	$(BIN)/seogo demo

test: .venv/.dev lint  ## set up, check, run the whole suite
	$(BIN)/pytest -n 2

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.local: pyproject.toml | .venv/bin/python
	$(BIN)/pip install -e '.[local]'
	touch $@

.venv/.dev: pyproject.toml | .venv/bin/python
	$(BIN)/pip install -e '.[dev]'
	touch $@ .venv/.local

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
