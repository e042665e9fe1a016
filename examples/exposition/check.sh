#!/usr/bin/env bash
# Does a real Prometheus see in every format exactly what was recorded?
#
#   examples/exposition/check.sh                                       with Debian's Prometheus 2.42
#   examples/exposition/check.sh --prometheus PATH --utf8              with another one, from 3.9 on
#
# An exposer pinned to each format is scraped by one Prometheus, and every number, native bucket, exemplar and metadata
# entry is compared with what the exposer says that it recorded; then series come and go while it is scraped. Needs
# Debian's packages prometheus (for promtool, too) and python3-prometheus-client. Programs are started on free ports with
# a temporary folder, and stopped by their ids. Ends with "N passed, N failed" after about half a minute.
set -euo pipefail
cd "$(dirname "$0")/../.."

need() {
    command -v "$1" >/dev/null || { echo "check.sh: $1 is missing; it comes with: apt-get install $2" >&2; exit 1; }
}
need prometheus prometheus
need promtool prometheus

python=
for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import prometheus_client' 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    echo "check.sh: no python3 has prometheus_client; it comes with: apt-get install python3-prometheus-client" >&2
    exit 1
fi

cargo build --quiet -p examples --bin exposer
programs=$(cargo metadata --format-version 1 --no-deps | "$python" -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug
exec "$python" -B examples/exposition/check.py "$programs" "$@"
