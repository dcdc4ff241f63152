# Everything a fresh machine needs: Python 3.11 or newer with venv, and make.
PYTHON ?= python3
BIN := .venv/bin
# The versions that the suite was green with; `make test LOCK=` takes what the index offers within pyproject.toml's ranges.
LOCK ?= constraints.txt
QUICK := not db and not model and not browser and not index

.PHONY: adapters demo docs test suite quick lint lock clean

demo: .venv/.local  ## set up, ingest the examples, embed them, search
	$(BIN)/seogo demo

test: .venv/.dev  ## set up, check and, beside it, run the whole suite
	$(MAKE) --no-print-directory -j2 lint suite

# A file goes to one worker, so that what its tests share is made once; by name, so that acceptance, the longest, begins.
suite: .venv/.dev
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

quick: .venv/.dev lint  ## check, run what needs no server, model, browser or index: under a minute
	$(BIN)/pytest -n 2 --dist loadfile -m "$(QUICK)" --hypothesis-profile=quick

adapters: .venv/.dev  ## the frameworks' own tests of the client's adapters, in an environment of their own
	test -x .venv/adapters/bin/python || $(PYTHON) -m venv .venv/adapters
	.venv/adapters/bin/pip install -q -e 'clients/python[test]'
	cd clients/python && HAYSTACK_TELEMETRY_ENABLED=False ../../.venv/adapters/bin/python -m pytest

docs: .venv/docs/.made  ## the documentation as a site in ./site; what leads nowhere ends it
	NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --quiet
	@echo 'built: site/index.html; with its search: python -m http.server -d site'

lint: .venv/.dev  ## style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: .venv/bin/python  ## renew constraints.txt; `make lock UPGRADE=--upgrade` takes the newest versions
	$(BIN)/pip install -q 'uv>=0.13,<0.14'
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --no-annotate \
		--custom-compile-command 'make lock' --default-index https://pypi.org/simple -q $(UPGRADE) -o constraints.txt

.venv/bin/python:
	$(PYTHON) -m venv .venv

define install
	$(BIN)/pip install $(addprefix -c ,$(LOCK)) -e '.[$(1)]' || \
		{ echo 'Not installed. Where the index lacks a locked version: make $(MAKECMDGOALS) LOCK=' >&2; exit 1; }
endef

.venv/.local: pyproject.toml $(LOCK) | .venv/bin/python
	$(call install,local)
	touch $@

.venv/.dev: pyproject.toml $(LOCK) | .venv/bin/python
	$(call install,dev)
	touch $@ .venv/.local

# Of the project only the names of the tools are needed: its pages import nothing of it.
.venv/docs/.made: pyproject.toml $(LOCK)
	$(PYTHON) -m venv .venv/docs
	$(PYTHON) -c 'import tomllib; asked = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; \
		print(*asked["docs"], sep="\n")' > .venv/docs/asked.txt
	.venv/docs/bin/pip install -q $(addprefix -c ,$(LOCK)) -r .venv/docs/asked.txt
	touch $@

clean:
	rm -rf .venv build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
