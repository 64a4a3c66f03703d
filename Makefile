# The commands of the register. `make help` lists them. Nothing but Python 3.11 and make is needed on the machine.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := $(PY) -m registry.runtime
# mypy reads the settings, which want addresses; nothing is connected to
SETTINGS := DATABASE_URL=postgresql://nobody@127.0.0.1:1/none CELERY_BROKER_URL=memory:// SECRET_KEY=only-for-checking

.PHONY: help run test check bench walk demo-reset
.DELETE_ON_ERROR:

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: $(VENV)/.run ## start everything on http://127.0.0.1:8000 (PORT=… changes it)
	@PORT=$(PORT) exec $(RUNTIME) run

test: check ## the whole inspection: checks, then every test
	@echo "tests"; $(PY) -m pytest

check: $(VENV)/.dev ## style, types, floors of the house, security lint
	@echo "ruff (lint)";     $(VENV)/bin/ruff check --quiet .
	@echo "ruff (format)";   $(VENV)/bin/ruff format --quiet --check .
	@echo "mypy (types)";    $(SETTINGS) $(VENV)/bin/mypy --no-error-summary
	@echo "floors";          $(VENV)/bin/lint-imports --no-logo >/dev/null || $(VENV)/bin/lint-imports --no-logo
	@echo "bandit";          $(VENV)/bin/bandit -q -c pyproject.toml -r registry api packages

bench: $(VENV)/.run ## filings per second beside raw COPY of the same rows, and where the time goes; tables protected
	@$(PY) -m benches
	@$(PY) -m benches.disclosure

walk: $(VENV)/.dev ## every page of the running demonstration in a browser: axe, console, width; pictures in var/walk
	@$(PY) -m tests.walk --url http://127.0.0.1:$(PORT)

demo-reset: $(VENV)/.run ## empty the embedded register and play its demonstration anew
	@$(RUNTIME) reset
	@PORT=$(PORT) $(RUNTIME) setup

$(VENV)/.run: requirements/run.txt | $(PY)
	@echo "Installing what the register needs (a minute or two, once) …"
	@$(PY) registry/runtime/install.py requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(PY)
	@echo "Installing what the inspection needs (a minute or two, once) …"
	@$(PY) registry/runtime/install.py requirements/dev.txt
	@touch $(VENV)/.run $@

$(PY):
	@for candidate in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11; do \
	   if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	     echo "Making $(VENV) with $$("$$candidate" --version) …"; \
	     "$$candidate" -m venv --clear $(VENV) && exit 0; \
	     echo "This Python cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; \
	   fi; \
	 done; \
	 echo "Python 3.11 or later is needed and was not found. Name one: make PYTHON=/path/to/python3.12" >&2; exit 1
