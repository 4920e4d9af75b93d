# Verbs of the project. `make` alone lists them.
# DATA=DIR RATE=450 LISTEN=127.0.0.1:8081 go with `make run`; ROWS=10000000 with `make bench`.

PROFILE := ci
TARGET_DIR := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
GOLDSTREAM := $(TARGET_DIR)/$(PROFILE)/goldstream
RUN_FLAGS := $(if $(LISTEN),--listen $(LISTEN)) $(if $(RATE),--rate $(RATE))

.DEFAULT_GOAL := help
.PHONY: help setup run test build bench lint fmt deny

help: ## list these verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: ## check that this machine has what the project needs, and say how to get what is missing
	@scripts/setup.sh

run: setup ## the demo shop, or DATA=DIR for your own files, on 127.0.0.1:8080
	@test -x $(GOLDSTREAM) || echo "goldstream is being built: about 3 minutes, only this once."
	@cargo build --profile $(PROFILE)
	@$(GOLDSTREAM) run $(if $(DATA),"$(DATA)",--demo) $(RUN_FLAGS)

test: setup ## every test
	cargo test --workspace --profile $(PROFILE)

build: setup ## target/release/goldstream
	cargo build --release --target-dir target

bench: setup ## speed and memory, as one table (release build, some minutes)
	cargo bench --bench throughput -- $(if $(ROWS),--rows $(ROWS))

lint: setup ## formatting, clippy and documentation, without a warning
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --profile $(PROFILE) -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --profile $(PROFILE)

fmt: ## format the code
	cargo fmt --all

deny: ## licences, bans and sources of all dependencies
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check licenses bans sources
