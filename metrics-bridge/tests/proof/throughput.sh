#!/usr/bin/env bash
# How many lines a second does the bridge take on one core, beside statsd_exporter? Builds both and runs throughput.py.
set -euo pipefail
cd "$(dirname "$0")/../../.."
target=${CARGO_TARGET_DIR:-target}
cargo build --quiet --release -p metrics-bridge --features command --bins
# By itself: as cargo's example it would have every client that the tests need built for it.
mkdir -p "$target/release/examples"
rustc --edition 2024 -O -o "$target/release/examples/flood" metrics-bridge/examples/flood.rs
exporter=$(metrics-bridge/tests/proof/statsd-exporter.sh) && export STATSD_EXPORTER=$exporter
exec python3 metrics-bridge/tests/proof/throughput.py "$target/release"
