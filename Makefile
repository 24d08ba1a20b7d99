# Works with any Python from 3.11 on that can make a venv: the first of these that is there, or PYTHON=…
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
TOOLS := .local/tools
AUDIT := .local/audit
LOCAL := $(BIN)/python -m infra.local
export SAM_CLI_TELEMETRY = 0
# uv keeps its cache at home, unless nothing can be written there.
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export UV_CACHE_DIR ?= $(CURDIR)/.local/uv-cache
endif

.DEFAULT_GOAL := help
.PHONY: run demo up down test coverage simulate chaos mutants fuzz audit bench deploy lock install help

run: install ## start everything and play a short story; stays up until Ctrl-C
	@$(LOCAL) run

demo: install ## play the story and end with what was expected and what happened
	@$(LOCAL) demo

up: install ## start the stack in the background; where it is: .local/stack.json
	@$(LOCAL) up

down: ## stop it
	@if [ -e .venv/ready ]; then $(LOCAL) down; fi

test: install ## run every check and test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint --config-file infra/cfnlint.yaml
	$(TOOLS)/bin/sam validate --lint --region us-east-1
	@$(MAKE) --no-print-directory coverage
	$(BIN)/pytest -n 2 --dist loadgroup --ignore tests/unit/domain --ignore tests/unit/usecases \
		tests/unit tests/contract tests/template tests/security tests/state_machine
# The tests of the stack mostly wait for its clocks: the simulator uses that time, and gives way to them.
	@nice -n 19 $(BIN)/pytest tests/simulation > .local/simulation.txt 2>&1 & simulated=$$!; \
	echo "$(BIN)/pytest tests/simulation (meanwhile)"; \
	echo "$(BIN)/pytest tests/integration tests/test_readme.py"; \
	$(BIN)/pytest tests/integration tests/test_readme.py; failed=$$?; \
	wait $$simulated || failed=1; cat .local/simulation.txt; exit $$failed

coverage: install ## run the tests of the core, and show which of its lines and branches they leave out
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 tests/unit/domain tests/unit/usecases
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

simulate: install ## search for lost posts: SEEDS=1000 MENTIONS=100 FAULTS=1, or replay one: SEED=… MENTION=…
	@FIRST="$(FIRST)" SEEDS="$(SEEDS)" MENTIONS="$(MENTIONS)" FAULTS="$(FAULTS)" SEED="$(SEED)" MENTION="$(MENTION)" \
		$(BIN)/python -m tests.simulation

chaos: install ## kill, restart and rob the deployed stack under load: DURATION=150 seconds, SEED=…
	@DURATION="$(DURATION)" SEED="$(SEED)" $(BIN)/python -m tests.chaos

mutants: install ## show that the tests see each of many small mistakes: MUTANT=name for one
	@$(BIN)/python -m tests.mutants $(MUTANT)

fuzz: install ## send a million hostile requests: CASES=1000000, or replay one: SEED=…; and time refusals
	@CASES="$(CASES)" FIRST="$(FIRST)" $(BIN)/python -m tests.security.fuzz $(SEED)
	@test -n "$(SEED)" || $(BIN)/python -m tests.security.timing

audit: $(AUDIT)/ready ## look at the templates with checkov
	$(AUDIT)/bin/checkov --config-file infra/checkov.yaml

bench: install ## measure against the goals; writes .local/bench.json
	@$(BIN)/python -m tests.bench

deploy: install ## build and deploy to the AWS account of your environment
	PATH="$(CURDIR)/$(BIN):$$PATH" $(TOOLS)/bin/sam build
	$(TOOLS)/bin/sam deploy --guided

lock: install ## resolve the dependencies of pyproject.toml anew
	$(BIN)/python -m infra.lock

install: .venv/ready $(TOOLS)/ready

.venv/bin/uv: requirements/bootstrap.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, with its venv module. Name one by PYTHON=…"; exit 1; }
	@echo "Creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/ready: .venv/bin/uv requirements/dev.txt pyproject.toml
	@echo "Installing the product and its tests into .venv"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(TOOLS)/ready: .venv/bin/uv requirements/tools.txt
	@echo "Installing the local AWS and SAM CLI into $(TOOLS)"
	@mkdir -p .local
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(TOOLS)
	@$(BIN)/uv pip sync --quiet --python $(TOOLS)/bin/python --require-hashes requirements/tools.txt
	@touch $@

$(AUDIT)/ready: .venv/bin/uv requirements/audit.txt
	@echo "Installing checkov into $(AUDIT)"
	@mkdir -p .local
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(AUDIT)
	@$(BIN)/uv pip sync --quiet --python $(AUDIT)/bin/python --require-hashes requirements/audit.txt
	@touch $@

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
