# Two commands matter: `make run` gives a collector, `make test` everything that says whether it is right.
# This file only builds, runs and tests; what is installed, and how, stands in tests/tools.sh.

CARGO ?= cargo
# What `make run` hands to the server: make run ARGS="--config my.toml"
ARGS ?=

.PHONY: help run test tools lint bench
.NOTPARALLEL:

help:
	@echo 'make run     build the server and run it; it says where to connect and where dumps go'
	@echo 'make test    lint, unit, integration, conformance and browser tests (installs what they need)'
	@echo 'make lint    formatting, clippy and documentation, warnings being errors'
	@echo 'make bench   measure: ingest, delivery, memory, packing (benches/README.md)'
	@echo 'make tools   only install what the tests need'

run:
	@tests/tools.sh compiler
	$(CARGO) build --release --locked
	@exec $${CARGO_TARGET_DIR:-target}/release/rtcstats-server $(ARGS)

# First what crashes on purpose between two file operations, which the binary of a release cannot do; then everything else
# against a binary without these points. The simulation limits the size of files for its whole process, so nothing may be
# printed (perhaps to a file) beside a running test: one thread. Elsewhere most tests wait, for servers, pauses and syncs, so more
# of them run at a time than a small machine has cores.
test: tools lint
	$(CARGO) test --locked --features fault-points --lib
	$(CARGO) test --locked --features fault-points --test simulation -- --test-threads=1
	RUST_TEST_THREADS=4 $(CARGO) test --locked --features fault-points --test deliver_kill
	RUST_TEST_THREADS=4 $(CARGO) test --locked --no-fail-fast

tools:
	@tests/tools.sh

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --document-private-items

bench:
	$(CARGO) bench --locked
