# Everything a person or CI does, a line of plain commands each. `make demo` and `make test` need nothing set up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
comma := ,
EXTRAS := train,hub,clean,browser,parquet,openvino,keras,ray,stores,postgresql,pandas,polars,mlflow,tensorboard,wandb,telemetry

.PHONY: install demo test oldest litert lint check fuzz bench bench-guard docs clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS),dev,docs]'
	touch $@

demo: install
	$(BIN)/whatsit demo

# Tests run in two processes: half the time on two cores, and what one does must not disturb the other.
test: install
	$(BIN)/python -m pytest -m "not slow" -n 2

# The quick tests with the lowest version of every library that pyproject.toml allows; torch as it is tested.
OLDEST := .venv-oldest/bin
oldest:
	$(PYTHON) -m venv .venv-oldest
	$(OLDEST)/python -m pip install --quiet --upgrade pip uv
	grep '^torch==' constraints.txt > .venv-oldest/torch.txt
	$(OLDEST)/uv pip compile --quiet --no-header --no-annotate --resolution lowest-direct pyproject.toml \
		$(addprefix --extra=,$(subst $(comma), ,$(EXTRAS))) --constraint .venv-oldest/torch.txt \
		--output-file .venv-oldest/lowest.txt
	$(OLDEST)/python -m pip install --quiet --constraint .venv-oldest/lowest.txt --editable '.[$(EXTRAS),dev]'
	$(OLDEST)/python -m pytest -m "not slow" -n 2

# The export to LiteRT, with its converter: that asks for older packages than these (typing_extensions below 4.13) and weighs
# 2 GB, so it lies in an environment of its own, and no other target brings it.
LITERT := .venv-litert/bin
litert:
	$(PYTHON) -m venv .venv-litert
	$(LITERT)/python -m pip install --quiet --upgrade pip uv
	grep -E '^(torch|litert-torch|pytest|pytest-timeout)==' constraints.txt > .venv-litert/tried.txt
	$(LITERT)/uv pip install --quiet --python $(LITERT)/python --constraint .venv-litert/tried.txt --editable '.[litert]' pytest pytest-timeout
	$(LITERT)/python -m pytest -p no:anyio tests/exporting -k litert  # its anyio is older than this pytest

lint: install
	$(BIN)/ruff format --check src tests benchmarks tools
	$(BIN)/ruff check src tests benchmarks tools
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/python tools/choices.py --check
	$(BIN)/python tools/languages.py --check

check: lint docs
	$(BIN)/python -m pytest
	$(BIN)/python tests/fuzzing/fuzz.py --minutes 1

# What strangers send, drawn for an hour; what is found is kept in tests/fuzzing/found and tested from then on.
fuzz: install
	$(BIN)/python tests/fuzzing/fuzz.py --minutes 60

bench: install
	@echo "One command a row; each prints its table and adds a dated JSON to benchmarks/results:"
	@ls benchmarks/*.py | sed 's|^|  $(BIN)/python |'

# Counts that repeat on any machine, beside the last ones: a slow-down shows before anybody times it.
bench-guard: install
	$(BIN)/python benchmarks/guard.py

docs: install
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) .venv-oldest .venv-litert build dist site .pytest_cache .mypy_cache .ruff_cache
