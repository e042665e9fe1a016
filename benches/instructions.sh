#!/usr/bin/env bash
# How many instructions does one operation take? Counted by valgrind, so the clock and other programs have no part in it.
#
#   benches/instructions.sh               every row of the budget; fails if one takes more than it may
#   benches/instructions.sh ROW           one row
#   benches/instructions.sh --bless       writes what was counted into the budget
set -euo pipefail
cd "$(dirname "$0")/.."
budget=benches/instructions.budget
program=${CARGO_TARGET_DIR:-target}/release/instructions
few=1024 many=9216

command -v valgrind >/dev/null || { echo "valgrind is not installed: apt-get install valgrind" >&2; exit 2; }
cargo build --quiet --release -p benches --bin instructions

# How many instructions the program takes for so many operations: count ROW OPERATIONS.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 |
        awk '/Collected :/ { collected = $4 } { told = told $0 "\n" } END { if (!collected) { print told; exit 1 } print collected }'
}

bless=""
if [ "${1:-}" = --bless ]; then bless=yes; shift; fi
over=0
blessed=$(grep '^#' "$budget")
while IFS=$'\t' read -r allowed row; do
    [[ $allowed != \#* ]] || continue
    [ $# -eq 0 ] || [ "$row" = "$1" ] || continue
    counted=$(awk -v many="$(count "$row" $many)" -v few="$(count "$row" $few)" -v n=$((many - few)) \
        'BEGIN { printf "%.1f", (many - few) / n }')
    printf '%8s of %8s  %s\n' "$counted" "$allowed" "$row"
    blessed+=$'\n'"$counted"$'\t'"$row"
    if awk -v counted="$counted" -v allowed="$allowed" 'BEGIN { exit !(counted > allowed) }'; then
        over=$((over + 1))
        cat >&2 <<TOLD
OVER BUDGET: \`$row\` takes $counted instructions an operation; $budget allows $allowed. To see where they go:
    valgrind --tool=callgrind --dump-instr=yes --callgrind-out-file=callgrind.out $program '$row' 100000
    callgrind_annotate callgrind.out
If it is worth it, say in the commit what it buys, and: benches/instructions.sh --bless
TOLD
    fi
done <"$budget"
if [ -n "$bless" ]; then
    printf '%s\n' "$blessed" >"$budget"
    exit 0
fi
exit $((over > 0))
