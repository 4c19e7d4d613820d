# De Jure, De Facto. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
RAW ?= raw
export PYTHONDONTWRITEBYTECODE := 1

# Debian packages: what the PDF needs, and what the tests need besides.
PDF_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu
TEST_PACKAGES := chromium poppler-utils

.PHONY: help book test verify mutation check notebooks evidence refresh lab bench sbom links clean lock system-book system-test

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

book: system-book $(READY) ## Execute the notebooks and build HTML and PDF into _build/
	@echo "notebooks"; $(BIN)/python -m defacto.press.execute
	@echo "book"; $(BIN)/python -m defacto.press.build
	@echo "done: _build/html/index.html and _build/pdf/de-jure-de-facto.pdf"

test: system-test $(READY) ## Prove data, library, notebooks as committed, prose, site and PDF (minutes)
	@echo "data"; $(BIN)/python -m defacto.check
	@echo "notebooks as committed"; $(BIN)/python -m defacto.press.execute --compare
	@echo "tests"; $(BIN)/python -m pytest -n 2 --dist loadfile -m "not thorough"

verify: system-test $(READY) ## As test, and every width and theme, two builds compared, kill points, more mutations
	@echo "data"; $(BIN)/python -m defacto.check
	@echo "notebooks as committed"; $(BIN)/python -m defacto.press.execute --compare
	@echo "thorough tests"; $(BIN)/python -m pytest -n 2 --dist load -m "thorough"

mutation: $(READY) ## Change one thing at a time in every table and say what caught it
	@$(BIN)/python tests/mutation.py

check: $(READY) ## Validate all tables, then record their hashes
	@$(BIN)/python -m defacto.check --seal

notebooks: $(READY) ## Execute the notebooks in place (also repairs one saved from JupyterLab)
	@$(BIN)/python -m defacto.press.execute

evidence: $(READY) ## Print what the tables rest on
	@$(BIN)/python -m defacto.evidence

refresh: $(READY) ## Derive tables again from the archives in RAW=folder
	@$(BIN)/python -m defacto.derive.space $(RAW)
	@$(BIN)/python -m defacto.derive.sanctions $(RAW)
	@$(BIN)/python -m defacto.derive.territory $(RAW)
	@$(BIN)/python -m defacto.check --seal

lab: $(READY) ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter trust notebooks/*.ipynb
	@$(BIN)/jupyter lab notebooks

bench: $(READY) ## Measure the book against the least it could take (RAW=folder: the derivation too)
	@$(BIN)/python -m defacto.press.bench --tests $(if $(wildcard $(RAW)),--raw $(RAW))

sbom: $(READY) ## Write the bill of materials (CycloneDX) to _build/sbom.cdx.json
	@mkdir -p _build; $(BIN)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible --output-file _build/sbom.cdx.json

links: $(READY) ## Ask every outside address that the book names, and report (a dead link fails nothing)
	@$(BIN)/python -m defacto.press.links

clean: ## Remove what was built (not the environment)
	@rm -rf _build

lock: ## Resolve requirements.lock again from pyproject.toml (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock

# The environment is installed once for each lock file; compiled bytecode saves seconds a notebook.
$(READY): requirements.lock pyproject.toml | system-python
	@start=$$SECONDS; echo "environment"; \
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv; \
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pip install -qq --disable-pip-version-check --no-input --compile --require-hashes -r requirements.lock; \
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pip install -qq --disable-pip-version-check --no-input --no-build-isolation --no-deps -e .; \
	touch $(READY); echo "  installed ($$((SECONDS - start)) s)"

# System packages: installed when root on Debian, named otherwise.
define need
	@missing=""; for p in $(1); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "system packages:$$missing"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null; \
	else echo "error: please install these system packages first:$$missing" >&2; exit 1; fi
endef

system-book:
	$(call need,$(PDF_PACKAGES))

system-test:
	$(call need,$(PDF_PACKAGES) $(TEST_PACKAGES))

.PHONY: system-python
system-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or later is needed" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; \
	  else echo "error: please install python3-venv first" >&2; exit 1; fi; }
