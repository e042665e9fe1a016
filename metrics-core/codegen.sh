#!/usr/bin/env bash
# Is recording compiled to plain loads and stores? Reads the assembly of examples/hot_paths.rs: no `lock` prefix, no
# exchange with memory, no call but to functions that are cold.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname -m)" != x86_64 ]; then
    echo "SKIPPED: this check reads x86-64 assembly"
    exit 0
fi
cargo rustc --release -p metrics-core --example hot_paths -- --emit asm -C codegen-units=1 -C debuginfo=0
assembly=$(ls -t "${CARGO_TARGET_DIR:-target}"/release/examples/hot_paths-*.s | head -n 1)

awk '
    /^_.*hot_[a-z_]+.*:$/ {
        match($0, /hot_(counter_inc|float_counter_add|updown_inc|updown_dec|histogram_observe|dense_inc)/)
        if (RSTART) { name = substr($0, RSTART, RLENGTH); found[name] = 1; instructions[name] = 0 }
    }
    /\.cfi_endproc/ { name = "" }
    name != "" && /^\t[a-z]/ {
        instructions[name]++
        if ($1 == "lock" || $1 == "mfence" || ($1 ~ /^xchg/ && $0 ~ /\(|\[/)) bad[name] = bad[name] "\n    " $0
        # A jump to another function is a call too. The second list: what other kinds of family and histogram do in the
        # same function, that is families which opted out of series at zero, native buckets, long lists of buckets.
        if (($1 ~ /^call/ || ($1 ~ /^jmp/ && $2 !~ /^\.L/ && $2 !~ /^\*%/)) && $0 !~ /record_cold|ignored|observe_other|find_place|let_go|resolve|panic_bounds_check/ && $0 !~ /find_marked|record_native|below_by_halves/)
            bad[name] = bad[name] "\n    " $0
    }
    END {
        count = split("hot_counter_inc hot_float_counter_add hot_updown_inc hot_updown_dec hot_histogram_observe hot_dense_inc", names, " ")
        for (at = 1; at <= count; at++) {
            name = names[at]
            if (!(name in found)) { print "MISSING " name; broken = 1 }
            else if (name in bad) { print "BROKEN " name ": must not be there:" bad[name]; broken = 1 }
            else print "ok: " name ", " instructions[name] " instructions, cold ones included"
        }
        exit broken
    }' "$assembly"
