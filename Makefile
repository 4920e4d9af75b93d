# Verbs of the project. `make` alone lists them.
# DATA=DIR RATE=450 LISTEN=127.0.0.1:8081 go with `make run`; ROWS=10000000 with `make bench`.

PROFILE := ci
TARGET_DIR := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
GOLDSTREAM := $(TARGET_DIR)/$(PROFILE)/goldstream
RUN_FLAGS := $(if $(LISTEN),--listen $(LISTEN)) $(if $(RATE),--rate $(RATE))

.DEFAULT_GOAL := help
.PHONY: help setup tools run test test-containers servers build bench lint fmt deny

help: ## list these verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: ## see to what the project and its tests need, or say how to get it
	@scripts/setup.sh

# What building needs, without the servers of the tests.
tools:
	@scripts/setup.sh build

run: tools ## the demo shop, or DATA=DIR for your own files, on 127.0.0.1:8080
	@test -x $(GOLDSTREAM) || echo "goldstream is being built: about 3 minutes, only this once."
	@cargo build --profile $(PROFILE)
	@$(GOLDSTREAM) run $(if $(DATA),"$(DATA)",--demo) $(RUN_FLAGS)

test: setup ## every test, on a Kafka and a Redis that are started for it
	scripts/with-servers.sh cargo test --workspace --profile $(PROFILE)

test-containers: tools ## the same on containers; needs Docker instead of Java and Redis
	cargo run --quiet --manifest-path tests/containers/Cargo.toml --target-dir $(TARGET_DIR)/containers -- cargo test --workspace --profile $(PROFILE)

servers: setup ## Kafka on 127.0.0.1:9094 and Redis on 6379 without Docker, until Ctrl-C
	@scripts/servers.sh

build: tools ## target/release/goldstream
	cargo build --release --target-dir target

bench: setup ## speed and memory, as one table (release build, some minutes)
	cargo bench --bench throughput -- $(if $(ROWS),--rows $(ROWS))

lint: tools ## formatting, clippy and documentation, without a warning
	cargo fmt --all --check
	cargo fmt --manifest-path tests/containers/Cargo.toml --check
	cargo clippy --workspace --all-targets --profile $(PROFILE) -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --profile $(PROFILE)

fmt: ## format the code
	cargo fmt --all
	cargo fmt --manifest-path tests/containers/Cargo.toml

deny: ## licences, bans and sources of all dependencies
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check licenses bans sources
