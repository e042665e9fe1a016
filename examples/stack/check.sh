#!/usr/bin/env bash
# Does a real Prometheus see exactly what the shop counts, and does Alertmanager hear of its errors?
#
#   examples/stack/check.sh          checks, stops everything, ends with "N passed, N failed"
#   examples/stack/check.sh --stay   checks, then leaves everything up under a gentle load until Ctrl-C
#
# Needs Debian's packages prometheus, prometheus-alertmanager, prometheus-node-exporter and python3-prometheus-client.
# Their programs are started on free ports with a temporary folder, and stopped by their ids; services of the same
# packages that run already are not touched.
set -euo pipefail
cd "$(dirname "$0")/../.."

need() {
    command -v "$1" >/dev/null || { echo "check.sh: $1 is missing; it comes with: apt-get install $2" >&2; exit 1; }
}
need prometheus prometheus
need promtool prometheus
need prometheus-alertmanager prometheus-alertmanager
need prometheus-node-exporter prometheus-node-exporter

python=
for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import prometheus_client' 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    echo "check.sh: no python3 has prometheus_client; it comes with: apt-get install python3-prometheus-client" >&2
    exit 1
fi

cargo build --quiet -p examples --bin shop --bin load
programs=$(cargo metadata --format-version 1 --no-deps | "$python" -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug
exec "$python" -B examples/stack/check.py "$programs" "$@"
