# One command each. `make` alone says which.
.DEFAULT_GOAL := help
.PHONY: help up down test check bench bench-walls chaos lock clean
ARGS ?=

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## installs what is missing and runs everything until Ctrl-C (ARGS=--empty: without the demo; --production-like)
	@scripts/bootstrap.sh $(if $(findstring --production-like,$(ARGS)),production-like)
	@exec .venv/bin/rowhouse up $(ARGS)

down: ## stops a run from another terminal
	@exec .venv/bin/rowhouse down

test: ## all tests on their own services (ARGS="tests/kernel -k login": some of them)
	@scripts/bootstrap.sh tests
	@exec scripts/test.sh $(ARGS)

check: ## format, lint, types, import contracts, drift of OpenAPI, migrations, locks and web client
	@scripts/bootstrap.sh check
	@exec scripts/check.sh

bench: ## speed figures and their gates
	@scripts/bootstrap.sh
	@exec .venv/bin/python -m bench $(ARGS)

bench-walls: ## switches each wall of the code off in turn; a test must notice (ARGS="--minutes 90 --at-once 2")
	@scripts/bootstrap.sh
	@exec .venv/bin/python -m bench.walls $(ARGS)

chaos: ## kills, empties, fills and confuses everything in turn, and closes the account of each fault
	@scripts/bootstrap.sh tests
	@exec env CHAOS=whole .venv/bin/python -m pytest -p no:xdist -q -s tests/chaos \
		tests/kernel/webhooks/test_receiving.py::test_all_come_thrice_in_any_order_and_each_counts_once \
		tests/apps/fitness/sources/test_many_at_once.py \
		tests/contract/test_nonsense.py::test_no_described_call_answers_with_a_defect $(ARGS)

lock: ## rewrites requirements.lock from pyproject.toml (ARGS=--upgrade: with newer versions)
	@exec scripts/lock.sh $(ARGS)

clean: ## removes the local run with all its data, and everything that was built
	@exec scripts/clean.sh
