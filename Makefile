# Everything a person does with this repository. `make` alone lists the commands.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Python reads where the packages lie in the locale's encoding, its UTF-8 mode notwithstanding: in the C locale, or one
# that is not installed, the path here could have no letter beyond English. The language stays.
ifneq ($(shell locale charmap 2> /dev/null),UTF-8)
export LC_CTYPE := C.UTF-8
ifneq ($(LC_ALL),)
export LANG := $(LC_ALL)
unexport LC_ALL
endif
endif

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := shared/events shared/chassis services/intake services/dispatch services/notify
EXPORT := $(BIN)/uv export --quiet --all-packages --no-emit-workspace --no-header --no-annotate --format requirements-txt
ARGS ?=
ID ?=
DATA ?=
SEED ?= 1
KILLS ?= 50
BREAK ?=
OLD ?= HEAD~1
NEW ?= HEAD

.PHONY: help
help: ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements-dev.lock $(PACKAGES:%=%/pyproject.toml)
	@command -v "$(PYTHON)" > /dev/null || { echo "Python 3.11, 3.12 or 3.13 is needed$(if $(PYTHON),: there is none at $(PYTHON); name one:, and none was found; name one:) make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" deploy/make_environment.py $(VENV)

.PHONY: setup
setup: $(READY) ## create the environment in .venv

.PHONY: demo
demo: $(READY) ## watch a noon patrol and 500 real reports go through (ARGS=--quick ends by itself)
	@exec $(BIN)/python -m deploy.demo $(ARGS)

.PHONY: dev
dev: $(READY) ## run Kafka, PostgreSQL and the services until Ctrl-C
	@exec $(BIN)/python -m deploy.dev $(ARGS)

.PHONY: test
test: $(READY) ## run all tests, those with a real Kafka and PostgreSQL included
	@exec $(BIN)/python -m pytest $(ARGS)

.PHONY: check
check: $(READY) ## format, lint, types, imports, generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m deploy.docs check

.PHONY: format
format: $(READY) ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: docs
docs: $(READY) ## write the generated documents and schemas anew
	@exec $(BIN)/python -m deploy.docs write

.PHONY: compat
compat: $(READY) ## say whether the event schemas of two revisions are compatible (OLD=, NEW=)
	@exec $(BIN)/python -m lamplight_events.compatibility $(OLD) $(NEW)

.PHONY: bench
bench: $(READY) ## measure (ID=P1 for one, DATA=folder for another data set, ARGS=--profile)
	@exec $(BIN)/python -m tests.bench $(if $(ID),--id $(ID)) $(if $(DATA),--data $(DATA)) $(ARGS)

.PHONY: chaos
chaos: $(READY) ## kill everything at random under load and check (SEED=, KILLS=, BREAK=outbox|inbox)
	@exec $(BIN)/python -m tests.chaos --seed $(SEED) --kills $(KILLS) $(if $(BREAK),--break $(BREAK)) $(ARGS)

.PHONY: lock
lock: $(READY) ## resolve the dependencies anew into the lock files
	@$(EXPORT) --no-default-groups --output-file requirements.lock
	@$(EXPORT) --group dev --output-file requirements-dev.lock
	@rm -f uv.lock

.PHONY: clean
clean: ## remove the environment and everything that was built
	@rm -rf $(VENV) build
