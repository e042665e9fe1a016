#!/usr/bin/env bash
# Where is statsd_exporter v0.30.0? Prints its path; builds it once if Go is there. $STATSD_EXPORTER names another one.
set -euo pipefail
cd "$(dirname "$0")/../../.."
if [ -n "${STATSD_EXPORTER:-}" ]; then
    echo "$STATSD_EXPORTER"
    exit 0
fi
folder=$(mkdir -p "${CARGO_TARGET_DIR:-target}/statsd_exporter-0.30.0" && cd "${CARGO_TARGET_DIR:-target}/statsd_exporter-0.30.0" && pwd)
if [ ! -x "$folder/statsd_exporter" ]; then
    go=$(command -v go || ls /usr/local/go/bin/go 2>/dev/null) || { echo "no Go to build statsd_exporter with" >&2; exit 1; }
    CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOBIN=$folder "$go" install github.com/prometheus/statsd_exporter@v0.30.0 >&2
fi
echo "$folder/statsd_exporter"
