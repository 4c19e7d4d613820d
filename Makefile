# De Jure, De Facto. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PORT ?= 8000
export PYTHONDONTWRITEBYTECODE := 1
# What a shell adds to the import path must not stand before the project's own code.
unexport PYTHONPATH

# Debian packages: what the PDF needs, and what the tests need besides.
PDF_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu
TEST_PACKAGES := chromium poppler-utils epubcheck

.PHONY: help book test verify mutation mutation-library check notebooks evidence refresh refresh-territory refresh-space refresh-sanctions stale \
  lab serve look bench sbom links clean lock system-book system-test

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

book: system-book $(READY) ## Execute the notebooks and build HTML, PDF and EPUB into _build/
	@echo "notebooks"; $(BIN)/python -m defacto.press.execute
	@echo "book"; $(BIN)/python -m defacto.press.build
	@echo "done: _build/html/index.html, _build/pdf/de-jure-de-facto.pdf, _build/epub/de-jure-de-facto.epub"

test: system-test $(READY) ## Prove data, library, notebooks as committed, prose, site and PDF (minutes)
	@echo "data"; $(BIN)/python -m defacto.check
	@echo "notebooks as committed"; $(BIN)/python -m defacto.press.execute --compare
	@echo "tests"; $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not thorough"

verify: system-test $(READY) ## The slow proofs that test leaves out: every width and theme, two builds compared, kill points, more mutations
	@echo "data"; $(BIN)/python -m defacto.check
	@echo "notebooks as committed"; $(BIN)/python -m defacto.press.execute --compare
	@echo "thorough tests"; $(BIN)/python -m pytest -n 2 --dist load -m "thorough"

mutation: $(READY) ## Change one thing at a time in every table, say what caught it, record the counts (CHANGED=1: tables since changed)
	@$(BIN)/python tests/mutation.py --record $(if $(CHANGED),--changed)

mutation-library: $(READY) ## Change the library's code one thing at a time, a sample of each module, and say what no test notices
	@$(BIN)/python tests/library.py $(if $(EACH),--each $(EACH)) $(if $(RECORD),--record) $(MODULES)

check: $(READY) ## Validate all tables, then record their hashes
	@$(BIN)/python -m defacto.check --seal

notebooks: $(READY) ## Execute the notebooks in place (also repairs one saved from JupyterLab)
	@$(BIN)/python -m defacto.press.execute

evidence: $(READY) ## Print what the tables rest on
	@$(BIN)/python -m defacto.evidence

# RAW=folder takes archives from a folder instead of the network; LATEST=1 follows the newest upstream.
REFRESH = $(BIN)/python -m defacto.refresh $(if $(RAW),--raw $(RAW)) $(if $(LATEST),--latest)

refresh: $(READY) ## Fetch pinned upstream files, derive all tables, show what changed (RAW=folder, LATEST=1)
	@$(REFRESH)

refresh-territory: $(READY) ## One topic alone (so too refresh-space, refresh-sanctions)
	@$(REFRESH) territory

refresh-space: $(READY)
	@$(REFRESH) space

refresh-sanctions: $(READY)
	@$(REFRESH) sanctions

stale: $(READY) ## Print how old each table is against the rhythm of its source (ON=date)
	@$(BIN)/python -m defacto.refresh --stale $(if $(ON),--on $(ON))

lab: $(READY) ## Open the notebooks in JupyterLab, at a short guide
	@$(BIN)/jupyter trust notebooks/*.ipynb
	@export JUPYTERLAB_WORKSPACES_DIR="$(CURDIR)/_build/lab"; mkdir -p "$$JUPYTERLAB_WORKSPACES_DIR"; \
	$(BIN)/jupyter lab workspaces import notebooks/guide.jupyterlab-workspace >/dev/null; \
	$(BIN)/jupyter lab --notebook-dir=notebooks --LabApp.default_url=/lab/workspaces/guide \
	  --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate

serve: $(READY) ## Show the built site on this machine (PORT=8000); builds it first if it is missing
	@$(BIN)/python -m defacto.press.serve --port $(PORT)

look: system-test $(READY) ## Photograph every page of site and PDF into _build/look/, for people to look at
	@$(BIN)/python -m defacto.press.look

bench: $(READY) ## Measure the book against the least it could take (RAW=folder: the derivation too; RECORD=1: keep it as data/bench.csv)
	@$(BIN)/python -m defacto.press.bench --tests $(if $(RAW),--raw $(RAW)) $(if $(RECORD),--record)

sbom: $(READY) ## Write the bill of materials (CycloneDX) to _build/sbom.cdx.json
	@mkdir -p _build; $(BIN)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible --output-file _build/sbom.cdx.json

links: $(READY) ## Ask every outside address that the book names, and report (a dead link fails nothing)
	@$(BIN)/python -m defacto.press.links

clean: ## Remove what was built (not the environment)
	@rm -rf _build

lock: ## Resolve requirements.lock again from pyproject.toml (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock

# The environment is installed once for each lock file; compiled bytecode saves seconds a notebook.
$(READY): requirements.lock pyproject.toml | system-python
	@start=$$SECONDS; echo "environment"; \
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv; \
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pip install -qq --disable-pip-version-check --no-input --compile --require-hashes -r requirements.lock; \
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pip install -qq --disable-pip-version-check --no-input --no-build-isolation --no-deps -e .; \
	touch $(READY); echo "  installed ($$((SECONDS - start)) s)"

# System packages: installed when root on Debian, named otherwise. A package that was removed is still known to dpkg.
define need
	@command -v dpkg-query >/dev/null || { echo "not Debian: what these packages hold is needed, and not looked for:" $(1); exit 0; }; \
	missing=""; for p in $(1); do \
	  dpkg-query -W -f='$${db:Status-Status}\n' $$p 2>/dev/null | grep -x installed >/dev/null || missing="$$missing $$p"; done; \
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
