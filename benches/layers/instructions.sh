#!/usr/bin/env bash
# How many instructions does each layer take for a request, over the layer that does nothing? Counted by valgrind.
set -euo pipefail
cd "$(dirname "$0")"
program=${CARGO_TARGET_DIR:-target}/release/layers
few=8192 many=73728

command -v valgrind >/dev/null || { echo "valgrind is not installed: apt-get install valgrind" >&2; exit 2; }
cargo build --quiet --release --bin layers

# How many instructions the program takes for so many requests: count LAYER REQUESTS.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" --count "$1" "$2" 2>&1 |
        awk '/Collected :/ { collected = $4 } { told = told $0 "\n" } END { if (!collected) { print told; exit 1 } print collected }'
}
# Assigned first: within the arguments of a command or of `$((…))` a failure would pass unseen.
each() {
    local of_many of_few
    of_many=$(count "$1" $many) || { echo "$1, $many requests: $of_many" >&2; return 1; }
    of_few=$(count "$1" $few) || { echo "$1, $few requests: $of_few" >&2; return 1; }
    awk -v many="$of_many" -v few="$of_few" -v n=$((many - few)) 'BEGIN { printf "%.0f", (many - few) / n }'
}

base=$(each "request, no-op layer")
printf '%8s  %s\n' instructions layer
layers=$("$program" --list)
while read -r layer; do
    instructions=$(each "$layer")
    printf '%8s  %s\n' $((instructions - base)) "$layer"
done <<<"$layers"
