# The only entry.  Every target sets up what it needs: `make demo` on a fresh clone just works.
.POSIX:
.PHONY: help demo test test-unit test-long lint format bench serve docs lock audit sbom mutation clean

# Compiled files are kept whatever the caller's environment says: tests start many processes.
export PYTHONDONTWRITEBYTECODE =

READY = .venv/.ready
BIN = .venv/bin

help: ## say what there is
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(READY) ## the demonstration chain: footprints, recognition, a query to try
	@$(BIN)/huren demo

serve: $(READY) ## the service on 127.0.0.1:8000 (ARGS="--port 9000" for another)
	@exec $(BIN)/huren serve $(ARGS)

test: lint ## everything that must hold
	@$(BIN)/pytest tests --pyargs huren -m "not long" $(ARGS)

test-long: $(READY) ## what takes minutes: faults, attacks, long searches
	@$(BIN)/pytest tests -m long -s $(ARGS)

test-unit: $(READY) ## the quick tests that need no server, two at a time: under a minute
	@$(BIN)/pytest tests --pyargs huren -m "not server and not slow and not long" -n 2 $(ARGS)

lint: $(READY) ## style, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(READY) ## put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(READY) ## timings on fixed seeds, beside peers
	@$(BIN)/pip install --quiet --require-hashes -r bench/requirements.lock || echo "without the solver of a peer"
	@$(BIN)/python -m bench $(ARGS)

docs: $(READY) ## docs/rules.md, schemes.md and licences.md, from the rules, the data and the locks
	@$(BIN)/python tools/make_docs.py
	@$(BIN)/python tools/make_licences.py

audit: $(READY) ## known weaknesses: bandit and pip-audit (3: the vulnerability service is out of reach)
	@$(BIN)/python tools/audit.py

sbom: $(READY) ## build/huren.cdx.json, a CycloneDX bill of what huren runs with
	@$(BIN)/python tools/make_sbom.py

mutation: $(READY) ## change the code that decides, and see that tests notice (ARGS="decide route" for some)
	@$(BIN)/python tools/mutation.py $(ARGS)

lock: $(READY) ## choose all versions anew: Python's in requirements.lock, Neo4j's in graph/data/neo4j.lock
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --upgrade --extra dev \
		--python-version 3.11 pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --upgrade \
		--python-version 3.11 -c requirements.lock bench/requirements.in -o bench/requirements.lock
	@$(BIN)/python tools/lock_neo4j.py

clean: ## remove all that can be made again
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A venv from the newest Python there is, everything in it by hash, and huren itself as an editable install.
$(READY): requirements.lock pyproject.toml
	@set -e; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		python=; \
		for name in python3.13 python3.12 python3.11 python3.14 python3; do \
			if $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
				python=$$name; break; \
			fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "huren needs Python 3.11 or later with its venv module (on Debian: python3-venv)." >&2; \
			echo "huren 需要 Python 3.11 或更高版本及其 venv 模块(Debian:python3-venv)。" >&2; \
			exit 1; \
		fi; \
		echo "setting up .venv with $$($$python --version)"; \
		rm -rf .venv; $$python -m venv .venv; \
	fi; \
	echo "installing the locked dependencies"; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	touch $(READY)
