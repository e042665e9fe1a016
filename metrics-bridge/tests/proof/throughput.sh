#!/usr/bin/env bash
# How many lines a second does the bridge take on one core, beside statsd_exporter? Builds both and runs throughput.py.
set -euo pipefail
cd "$(dirname "$0")/../../.."
cargo build --quiet --release -p metrics-bridge --features command --bins --example flood
STATSD_EXPORTER=$(metrics-bridge/tests/proof/statsd-exporter.sh) || unset STATSD_EXPORTER
[ -z "${STATSD_EXPORTER:-}" ] || export STATSD_EXPORTER
exec python3 metrics-bridge/tests/proof/throughput.py "${CARGO_TARGET_DIR:-target}/release"
