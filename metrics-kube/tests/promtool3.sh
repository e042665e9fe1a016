#!/usr/bin/env bash
# Where is the promtool of Prometheus 3, with which the generated tests must pass too? No package has it yet: it is built
# once, as a Go module, into $PROMETHEUS3_CACHE or ~/.cache/prometheus-0.314.0.
#
#     promtool3.sh            builds it if it is missing, and prints its path
#     promtool3.sh --where    prints its path; exit 1 if it is missing
set -euo pipefail

version=0.314.0
cache=${PROMETHEUS3_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/prometheus-$version}
program=$cache/promtool

echo "$program"
[ ! -x "$program" ] || exit 0
[ "${1:-}" != --where ] || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$cache"
cd "$work"
printf 'module promtool3.invalid/build\n\ngo 1.25.0\n\nrequire github.com/prometheus/prometheus v%s\n' "$version" >go.mod
printf '//go:build tools\n\npackage tools\n\nimport _ "github.com/prometheus/prometheus/cmd/promtool"\n' >tools.go
export GOFLAGS="-mod=mod -buildvcs=false" CGO_ENABLED=0 GOTOOLCHAIN=local
# Under another name first: a build that is broken off leaves nothing that looks finished.
go build -p 2 -trimpath -ldflags "-s -w -X github.com/prometheus/common/version.Version=3.${version#0.3}" -o "$program.new" \
    github.com/prometheus/prometheus/cmd/promtool >&2
mv "$program.new" "$program"
