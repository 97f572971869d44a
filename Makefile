# Before a commit: `make`. All that CI checks: `make check lint types test`. Without make: see CONTRIBUTING.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
T ?= tests

.PHONY: all compiled check format lint types quick test replay gnumach benchmark demo mac-evidence manual clean

all: check lint types quick

# Xcode's Python is 3.9: pip would say so too, but only after a minute, and of a package.
ENOUGH = import sys; sys.exit(None if sys.version_info >= (3, 11) else \
	"portaudit needs Python 3.11 or newer, and this is %d.%d (%s): make PYTHON=python3.13, or wherever you have one" \
	% (tuple(sys.version_info[:2]) + (sys.executable,)))

# What runs portaudit, and what checks it: the demo need not wait for the latter.
$(VENV)/runs: pyproject.toml
	@$(PYTHON) -c '$(ENOUGH)'
	$(PYTHON) -m venv --upgrade-deps $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# Python may be told to keep no bytecode; then each of the many processes of demo and tests would compile.
compiled: $(VENV)/runs
	$(BIN)/python -m compileall -q portaudit

$(VENV)/installed: $(VENV)/runs
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

check: $(VENV)/installed
	$(BIN)/ruff format --check .

format: $(VENV)/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/installed
	$(BIN)/ruff check .

types: $(VENV)/installed
	$(BIN)/mypy --platform linux
	$(BIN)/mypy --platform darwin

# Each worker begins with a part of its own, so that what a file's tests share is made once.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n auto --dist worksteal

# All but those that play whole programs, and a quarter of the examples; what is left is said at the end.
quick: $(VENV)/installed compiled
	$(PYTEST) -m "not whole" --hypothesis-profile quick $(T)

test: $(VENV)/installed compiled
	$(PYTEST) $(T)

# XNU's recorded answers, played on the simulator.
replay: $(VENV)/installed
	$(BIN)/python -m tests.contract.replay tests/data/xnu

# A real Mach kernel, in QEMU. What is missing for it is skipped, unless REQUIRE_GNUMACH=1.
gnumach: $(VENV)/installed
	$(BIN)/pytest -m gnumach $(T)

# Ratios, measured side by side in one run.
benchmark: $(VENV)/installed compiled
	$(BIN)/python -m tests.benchmarks.all

demo: compiled
	$(BIN)/portaudit demo

# What a volunteer with a Mac runs once, as a user who may sudo. The archive names neither him nor his machine.
mac-evidence: $(VENV)/installed compiled
	sudo -v
	$(BIN)/portaudit doctor --evidence mac-evidence --sudo

manual: $(VENV)/runs
	$(BIN)/python -m tests.render.renew_manual

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist portaudit-demo
