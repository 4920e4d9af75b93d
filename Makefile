# Verbs of the project. `make` alone lists them.
# DATA=DIR RATE=450 LISTEN=127.0.0.1:8081 go with `make run`; ROWS=10000000 or ONLY=rebuild or ONLY=lake with `make bench`; SEEDS=1000000 with `make sim`;
# TIMES=100 with `make chaos`.

PROFILE := ci
TARGET_DIR := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
GOLDSTREAM := $(TARGET_DIR)/$(PROFILE)/goldstream
# TLS for Kafka where OpenSSL's headers are, looked at once the recipe runs: `make setup` may have brought them.
FEATURES = $(shell pkg-config --exists openssl 2>/dev/null && echo --features kafka-tls)
RUN_FLAGS := $(if $(LISTEN),--listen $(LISTEN)) $(if $(RATE),--rate $(RATE))

.DEFAULT_GOAL := help
DASHBOARD := dashboard/dist/index.html
DASHBOARD_INPUTS := $(wildcard dashboard/*.ts dashboard/*.js dashboard/*.json dashboard/*.html) $(shell find dashboard/src dashboard/public -type f 2>/dev/null)

.PHONY: dashboard dev soak help setup tools run test sim chaos test-containers test-compose servers build bench lint fmt deny sbom

help: ## list these verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: ## see to what the project and its tests need, or say how to get it
	@scripts/setup.sh

# What building needs, without the servers of the tests.
tools:
	@scripts/setup.sh build

run: tools $(DASHBOARD) ## the demo shop, or DATA=DIR for your own files, on 127.0.0.1:8080
	@test -x $(GOLDSTREAM) || echo "goldstream is being built: some minutes, only this once."
	@cargo build --profile $(PROFILE) $(FEATURES)
	@$(GOLDSTREAM) run $(if $(DATA),"$(DATA)",--demo) $(RUN_FLAGS)

test: setup $(DASHBOARD) ## every test, on a Kafka, a Redis and a MinIO that are started for it
	cd dashboard && npm test
	scripts/with-servers.sh cargo test --workspace --profile $(PROFILE) $(FEATURES)
	cargo test --workspace --profile $(PROFILE) $(FEATURES) --features goldstream-simulator/planted --test planted
	cargo build --profile $(PROFILE) $(FEATURES)
	cd dashboard && GOLDSTREAM=$(abspath $(GOLDSTREAM)) npm run e2e

# The whole workspace, so that dependencies have the features of `make test` and are not built again.
sim: tools $(DASHBOARD) ## SEEDS simulated runs (a million), from GOLDSTREAM_SIM_SEED on
	GOLDSTREAM_SIM_SEEDS=$(or $(SEEDS),1000000) cargo test --workspace --profile $(PROFILE) $(FEATURES) --test simulation -- --nocapture whatever_goes_wrong

# Real faults on real processes, TIMES as many of each as in `make test`. It prints what was done and the worst recovery.
chaos: setup $(DASHBOARD) ## real faults on real processes, TIMES (20) as many as in the tests
	GOLDSTREAM_CHAOS=$(or $(TIMES),20) scripts/with-servers.sh cargo test --workspace --profile $(PROFILE) $(FEATURES) \
		--test scenarios -- --nocapture --test-threads=1 kills:: servers_die:: brokers:: sentinel:: failover:: faults:: outages:: rolling:: disk_full:: world::

# Those about servers; to all others it is the same where one comes from.
test-containers: tools $(DASHBOARD) ## the tests on Kafka and Redis, in containers; needs Docker instead of Java and Redis
	cargo run --quiet --manifest-path tests/containers/Cargo.toml --target-dir $(TARGET_DIR)/containers -- \
		cargo test --workspace --profile $(PROFILE) $(FEATURES) -- distributed:: kafka:: redis::

test-compose: tools $(DASHBOARD) ## docker compose up, on an image that is built for it
	cargo test --workspace --profile $(PROFILE) $(FEATURES) --test compose -- --nocapture

servers: setup ## Kafka on 127.0.0.1:9094 and Redis on 6379 without Docker, until Ctrl-C
	@scripts/servers.sh

dashboard: $(DASHBOARD) ## the page, into dashboard/dist; cargo puts it into the binary

# What npm installs is known by the lock file it was installed from.
dashboard/node_modules/.package-lock.json: dashboard/package-lock.json | tools
	cd dashboard && npm ci --no-fund --no-audit
	@touch $@

$(DASHBOARD): dashboard/node_modules/.package-lock.json $(DASHBOARD_INPUTS)
	cd dashboard && npm run build --silent
	@touch $@

dev: dashboard/node_modules/.package-lock.json ## the page with hot reload, in front of GOLDSTREAM_URL (127.0.0.1:8080)
	cd dashboard && npm run dev

soak: setup $(DASHBOARD) ## ten minutes of updates: the page must stay as light as it was
	cargo build --profile $(PROFILE) $(FEATURES)
	cd dashboard && GOLDSTREAM=$(abspath $(GOLDSTREAM)) npm run soak

build: tools $(DASHBOARD) ## target/release/goldstream
	cargo build --release $(FEATURES) --target-dir target

bench: setup $(DASHBOARD) ## speed and memory, and the page in a browser, as tables (release build, some minutes)
	GOLDSTREAM_TEST_PYTHON="$$(bash -c ". scripts/common.sh; printf %s \$$python_home/bin/python")" cargo bench $(FEATURES) --bench throughput -- $(if $(ROWS),--rows $(ROWS)) $(if $(ONLY),--only $(ONLY))
	$(if $(ONLY),,cd dashboard && GOLDSTREAM=$(abspath $(TARGET_DIR)/release/goldstream) npm run --silent bench)

lint: tools $(DASHBOARD) ## formatting, clippy and documentation, without a warning
	cargo fmt --all --check
	cargo fmt --manifest-path tests/containers/Cargo.toml --check
	cargo clippy --workspace --all-targets --profile $(PROFILE) $(FEATURES) -- -D warnings
	cargo clippy --workspace --test planted --features goldstream-simulator/planted --profile $(PROFILE) $(FEATURES) -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --profile $(PROFILE) $(FEATURES)
	cd dashboard && npm run lint && npm run check

fmt: ## format the code
	cargo fmt --all
	cargo fmt --manifest-path tests/containers/Cargo.toml

deny: ## licences, bans, sources and known weaknesses of all dependencies
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check licenses bans sources
	@scripts/advisories.sh

sbom: tools ## target/goldstream.cdx.json: what is in it, as CycloneDX
	@node scripts/sbom.mjs $(TARGET_DIR)/goldstream.cdx.json
