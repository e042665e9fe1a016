#!/usr/bin/env bash
# How many instructions does one operation take? Counted by valgrind, so the clock and other programs have no part in it.
#
#   benches/instructions.sh               every row of the budget; fails if one takes more than it may, or has no budget, and
#                                         warns where one takes over a twentieth less
#   benches/instructions.sh ROW           one row
#   benches/instructions.sh --bless       writes what was counted into the budget, rows that are new included
#
# BUDGET is the file with the budget, if not benches/instructions.budget.
set -euo pipefail
cd "$(dirname "$0")/.."
budget=${BUDGET:-benches/instructions.budget}
target=${CARGO_TARGET_DIR:-target}
program=$target/release/instructions
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
wrong=0
blessed=$(grep '^#' "$budget")
rows=$(grep -v '^#' "$budget" || true)
if [ $# -gt 0 ]; then
    rows=$(awk -F'\t' -v row="$1" '$2 == row' <<<"$rows")
    [ -n "$rows" ] || { echo "$budget has no row \`$1\`" >&2; exit 2; }
else
    # A new row of recording cannot be forgotten here.
    while read -r row; do
        if awk -F'\t' -v row="$row" '$2 == row { found = 1 } END { exit found }' <<<"$rows"; then
            rows+=$'\n'"none"$'\t'"$row"
        fi
    done < <("$program" --list)
fi
while IFS=$'\t' read -r allowed row; do
    [ -n "$row" ] || continue
    counted=$(awk -v many="$(count "$row" $many)" -v few="$(count "$row" $few)" -v n=$((many - few)) \
        'BEGIN { printf "%.1f", (many - few) / n }')
    printf '%8s of %8s  %s\n' "$counted" "$allowed" "$row"
    # A per cent for the next compiler.
    blessed+=$'\n'$(awk -v counted="$counted" 'BEGIN { printf "%.0f", counted * 1.01 + 1 }')$'\t'"$row"
    [ -z "$bless" ] || continue
    if [ "$allowed" = none ]; then
        wrong=$((wrong + 1))
        echo "NO BUDGET: \`$row\` takes $counted instructions an operation; $budget has no line for it: benches/instructions.sh --bless" >&2
    elif awk -v counted="$counted" -v allowed="$allowed" 'BEGIN { exit !(counted > allowed) }'; then
        wrong=$((wrong + 1))
        cat >&2 <<TOLD
OVER BUDGET: \`$row\` takes $counted instructions an operation; $budget allows $allowed. To see where they go:
    valgrind --tool=callgrind --dump-instr=yes --callgrind-out-file=$target/callgrind.out $program '$row' 100000
    callgrind_annotate $target/callgrind.out
If it is worth it, say in the commit what it buys, and: benches/instructions.sh --bless
TOLD
    elif awk -v counted="$counted" -v allowed="$allowed" 'BEGIN { exit !(counted < allowed * 0.95 && counted + 2 < allowed) }'; then
        # Slack hides what comes back; it is no failure.
        echo "UNDER BUDGET: \`$row\` takes $counted instructions an operation; $budget allows $allowed: benches/instructions.sh --bless" >&2
    fi
done <<<"$rows"
if [ -n "$bless" ]; then
    printf '%s\n' "$blessed" >"$budget"
    exit 0
fi
exit $((wrong > 0))
