# What people and CI run.  Everything is installed into .venv from requirements.lock (versions only).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test crashes check lint types contract docs site references bench bench-bounces bench-send bench-stories build words lighthouse screens lock clean

help:  ## Show the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (once)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock \
		--editable '.[postgresql]' --group dev
	@touch $@

demo: $(STAMP)  ## Send a sample edition to 200 readers and open their inbox (ARGS="--once" to end by itself)
	@$(BIN)/digest demo $(ARGS)

# One more than there are cores: many tests wait for a server or a clock.
JOBS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

test: $(STAMP)  ## Run the tests
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal $(ARGS)

crashes: $(STAMP)  ## All of what the tests try a sample of: death at each step, loss of power, full disks (needs strace)
	@FAILPOINTS=all POWERLOSS=2000 DISKFULL=1 $(BIN)/python -m pytest -q --timeout 7200 \
		tests/worker/test_failpoints.py tests/worker/test_power_loss.py tests/worker/test_disk_full.py $(ARGS)

check: lint types contract docs  ## Lint, types, import contract, docs

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/mypy

contract: $(STAMP)
	@$(BIN)/lint-imports

docs: $(STAMP) site  ## Check the docs and build them as a site
	@$(BIN)/python -m pytest -q tests/test_docs.py

site: $(STAMP)  ## Build the docs as a site (build/site)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

references: $(STAMP)  ## Make docs/commands.md and docs/configuration.md anew
	@$(BIN)/python tests/references.py

bench: $(VENV)/.bench  ## Run the benchmarks
	@for file in bench/bench_*.py; do $(BIN)/python $$file; done

bench-stories: $(VENV)/.bench  ## Stories and ranking against others' choices (DATA=folder ARGS="--days 30 --charts docs/images")
	@$(BIN)/python bench/bench_stories.py $(if $(DATA),--data $(DATA)) $(ARGS)

bench-send: $(VENV)/.bench  ## Sending beside other senders on the same server (ARGS="--sink cheap --rounds 3")
	@$(BIN)/python bench/bench_send.py $(or $(ARGS),--all --rounds 3 --scale 0.5 --window 32 --charts docs/images)

bench-bounces: $(VENV)/.bench  ## Reading bounces beside Mailman's reader (DATA=folder with labels.json)
	@$(BIN)/python bench/bench_bounces.py $(if $(DATA),--data $(DATA)) $(ARGS)

$(VENV)/.bench: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --group bench
	@touch $@

build: $(STAMP)  ## Build the wheel and the source archive, and try each in an empty environment
	@$(BIN)/python tests/try_packages.py

lighthouse: $(STAMP)  ## What Lighthouse gives the pages; needs Node.js with npx and a Chromium (ARGS="--language ar")
	@$(BIN)/python bench/lighthouse.py $(ARGS)

screens: $(STAMP)  ## Take the pictures of the golden editions, of the desk and of the dashboard anew: look at them before you commit them
	@DIGEST_REFRESH_SCREENS=1 $(BIN)/python -m pytest -q tests/render/test_screens.py
	@PYTHONPATH=tests $(BIN)/python tests/take_desk.py

words: $(STAMP)  ## Bring the catalogues (src/digest/locales) up to date with the words of code and templates
	@$(BIN)/pybabel --quiet extract --mapping pyproject.toml --no-location --no-wrap --output $(VENV)/digest.pot \
		--project digest --copyright-holder "The digest authors" .
	@$(BIN)/pybabel --quiet update --input-file $(VENV)/digest.pot --output-dir src/digest/locales --domain digest \
		--no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

lock: $(STAMP)  ## Write the versions in use into requirements.lock
	@$(BIN)/python -m pip freeze --exclude-editable | grep -v -i '^digest' | sort -f > requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache
