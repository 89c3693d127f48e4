# What a person types. Everything does its own set-up first; set-up that stands costs a moment.

PY := .venv/bin/python
CODE := synth scenes augment tests
# Where `make demo` lays what it makes, and the clip of your own that it ingests: make demo CLIP=my.mp4
OUT := build/demo
# Processes that share the tests; one file stays in one process, so that a warm stage serves the whole file.
JOBS := 2
PYTEST := $(PY) -m pytest

.PHONY: help setup torch chromium demo test lint format test-long soak bench lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "  make %-10s  %s\n", $$1, $$2}'

setup:  ## .venv with every pinned wheel, Blender's shared libraries, the base pack of bodies
	@PYTHON="$(PYTHON)" .ci/setup
	@.ci/packs

torch: setup  ## PyTorch, an extra of its own
	@$(PY) -c 'import torch' 2>/dev/null || $(PY) -m pip install --quiet --requirement requirements-torch.txt

chromium:  ## the browser that tests open the report in
	@command -v chromium chromium-browser google-chrome >/dev/null || .ci/apt chromium fonts-dejavu-core

demo: setup  ## renders, ingests, augments, packages, reports; CLIP=my.mp4 takes a clip of yours
	@.venv/bin/synth run configs/demo.yaml --out "$(OUT)" $$(.ci/packs --sets) $(if $(CLIP),--footage "$$CLIP")
	@.venv/bin/synth look "$(OUT)/datasets/demo" --out "$(OUT)/report.html" >/dev/null
	@echo "report:  $(OUT)/report.html (open it in any browser)"

test: setup lint  ## lint, format, types, import contracts, tests
	$(PYTEST) -n $(JOBS) --dist loadfile -m 'not long and not soak'

test-long: setup  ## the slow tests
	$(PYTEST) -m long

soak: setup  ## drivers killed at random instants; SOAK_KILLS=20, SOAK_SEED=2019
	$(PYTEST) -m soak -s

bench: setup  ## the figures, as a table
	$(PY) -m tests.bench

lint: setup  ## ruff, mypy, import contracts
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m mypy
	.venv/bin/lint-imports

format: setup  ## writes the code as `make lint` wants it
	$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)

lock:  ## requirements.txt anew from pyproject.toml; needs uv
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --quiet --output-file requirements.txt

clean:  ## what was built; .venv stays
	rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
