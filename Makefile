# Two commands matter: `make run` starts a collector, `make test` runs everything that shows whether it is right. This
# file only builds, runs and tests. What is installed, and how, is written in tests/tools.sh.

CARGO ?= cargo
# Arguments that `make run` passes to the server: make run ARGS="--config my.toml"
ARGS ?=

.PHONY: help run test faults tools lint bench screenshots
.NOTPARALLEL:

help:
	@echo 'make run     build the server and run it; it says where to connect and where dumps go'
	@echo 'make test    lint, unit, integration, conformance and browser tests (installs what they need)'
	@echo 'make faults  every fault of file systems and real ones, as root (make test plays a sample), one more store'
	@echo 'make lint    formatting, clippy and documentation, warnings being errors'
	@echo 'make bench   measure: ingest, delivery, memory, packing, features (benches/README.md)'
	@echo 'make screenshots  draw the pictures of the page: all to target/screenshots, a few to docs/screenshots'
	@echo 'make tools   only install what the tests need'

run:
	@tests/tools.sh compiler
	$(CARGO) build --release --locked
	@exec $${CARGO_TARGET_DIR:-target}/release/rtcstats-server $(ARGS)

# First come the tests that crash on purpose between two file operations, which needs a binary with fault points.
# Everything else runs against a binary without them, as it is released. The simulation limits the size of files for its
# whole process, so nothing may be printed (perhaps to a file) while one of its tests runs: it gets one thread. Most
# other tests spend their time waiting for servers, pauses and syncs, so more of them run at the same time than a small
# machine has cores.
test: tools lint
	$(CARGO) test --locked --features fault-points --lib
	$(CARGO) test --locked --features fault-points --test simulation -- --test-threads=1
	RUST_TEST_THREADS=4 $(CARGO) test --locked --features fault-points --test deliver_kill
	RUST_TEST_THREADS=4 $(CARGO) test --locked --no-fail-fast

# What takes many minutes, or mounts file systems: the whole matrix of system calls and errors, real disks, and a store
# that has to be built.
faults: tools
	@tests/tools.sh faults
	RTCSTATS_FAULTS=all RUST_TEST_THREADS=1 $(CARGO) test --locked --test crashes -- --nocapture faults::
	@tests/tools.sh store
	RTCSTATS_FAULTS=all $(CARGO) test --locked --test destinations -- s3::stores

tools:
	@tests/tools.sh

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --document-private-items

bench:
	$(CARGO) bench --locked

# All views of one call that goes wrong, light and dark, on a desktop and a telephone; the documentation shows some of
# them. make screenshots CALL=dump.jsonl.gz shows another.
CALL ?=
screenshots: tools
	$(CARGO) build --locked
	NODE_PATH=$${CARGO_TARGET_DIR:-target}/tools/browser/node_modules node tests/read/pages/screenshots.cjs \
		$${CARGO_TARGET_DIR:-target}/debug/rtcstats-server $${CARGO_TARGET_DIR:-target}/screenshots docs/screenshots $(CALL)
