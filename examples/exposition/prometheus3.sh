#!/usr/bin/env bash
# Does Prometheus 3.14 see in every format exactly what was recorded, names in UTF-8 included?
#
#   examples/exposition/prometheus3.sh
#
# Builds Prometheus (a Go module, v0.314.0) once, which takes about ten minutes and needs Go; the program is kept in
# $PROMETHEUS3_CACHE, or in ~/.cache/prometheus-0.314.0. Then the same comparison as in check.sh. No part of .ci/run.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=v0.314.0
cache=${PROMETHEUS3_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/prometheus-${version#v}}
program=$cache/prometheus

build() {
    command -v go >/dev/null || { echo "prometheus3.sh: go is missing; it comes from https://go.dev/dl" >&2; exit 1; }
    mkdir -p "$cache/module"
    cat >"$cache/module/go.mod" <<MODULE
module prometheus3

go 1.25
MODULE
    cat >"$cache/module/tools.go" <<TOOLS
//go:build tools

package tools

import _ "github.com/prometheus/prometheus/cmd/prometheus"
TOOLS
    (
        cd "$cache/module"
        go get "github.com/prometheus/prometheus/cmd/prometheus@$version"
        # Two at a time: the compiler needs much memory. The pages of its website are not needed.
        go build -p 2 -ldflags "-X github.com/prometheus/common/version.Version=3.${version#v0.3}" -o "$program.new" github.com/prometheus/prometheus/cmd/prometheus
    )
    # In one step, so that a build that was interrupted is no program.
    mv "$program.new" "$program"
}

[ -x "$program" ] || build
exec examples/exposition/check.sh --prometheus "$program" --utf8
