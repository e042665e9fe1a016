#!/usr/bin/env bash
# Do the models of the cells hold? Runs loom over all of them, or over those whose names contain the arguments.
#
# Most try every order of memory accesses; the others bound how many times a thread may be interrupted where it does not
# wait. `LOOM_MAX_PREEMPTIONS=4 metrics-core/loom.sh` bounds all of them, and takes long.
set -euo pipefail
cd "$(dirname "$0")/.."

# A cfg of its own, because `cfg(loom)` switches off the networking of tokio.
export RUSTFLAGS="${RUSTFLAGS:-} --cfg metrics_loom"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/loom"
export LOOM_MAX_BRANCHES="${LOOM_MAX_BRANCHES:-10000}"

exec cargo test --release -p metrics-core --no-default-features --lib -- "${@:-models}"
