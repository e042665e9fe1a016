#!/usr/bin/env bash
# Which programs does the loop need that no package of this repository gives, and how are they made?
#
# kube-apiserver, kube-controller-manager and prometheus-adapter, built as Go modules; the resource definitions of
# prometheus-operator and KEDA, read out of theirs; and etcd, from PATH or out of Debian's package (nothing is installed
# for it); into $AUTOSCALING_BIN, or a folder of the user's cache that carries the versions in its
# name. What is there is left alone, so that only the first run takes its time: some six minutes on two free cores, and
# five more for KEDA's operator and metrics server, which are built where they are asked for.
#
#     build-control-plane.sh [keda]            builds what is missing, and prints the folder as its last line
#     build-control-plane.sh [keda] --where    prints the folder; exit 1 when something is missing in it
set -euo pipefail

kubernetes=1.34.1
adapter=0.12.0
operator=0.93.0
keda=2.20.2
folder=${AUTOSCALING_BIN:-${XDG_CACHE_HOME:-$HOME/.cache}/autoscaling-control-plane/kubernetes-$kubernetes-adapter-$adapter}
programs="etcd kube-apiserver kube-controller-manager prometheus-adapter"
# Of the generated kinds that a cluster does not have by itself, and of what KEDA's operator watches beside them.
definitions="monitoring.coreos.com_podmonitors monitoring.coreos.com_servicemonitors monitoring.coreos.com_prometheusrules
  keda.sh_scaledobjects keda.sh_scaledjobs keda.sh_triggerauthentications keda.sh_clustertriggerauthentications
  eventing.keda.sh_cloudeventsources eventing.keda.sh_clustercloudeventsources"

[ "${1:-}" != keda ] || { programs="$programs keda-operator keda-adapter"; shift; }

missing() {
  local program
  for program in $programs; do [ -x "$folder/$program" ] || printf '%s ' "$program"; done
  for program in $definitions; do
    [ -e "$folder/definitions/$program.yaml" ] || { printf 'definitions '; break; }
  done
}

say() { printf '%s  %s\n' "$(date +%T)" "$*" >&2; }

# A module that does nothing but import the program: `replace` counts only in the main module, so this is where the
# program's own replacements can be repeated.
begin_module() {
  local package=$1 go_version=$2
  mkdir -p "$work/${package##*/}"
  cd "$work/${package##*/}"
  printf 'module autoscaling.invalid/build\n\ngo %s\n\n' "$go_version" > go.mod
  printf '//go:build tools\n\npackage tools\n\nimport _ "%s"\n' "$package" > tools.go
}

# Written under another name first: a build that is broken off leaves nothing that looks finished.
build() {
  local name=$1 package=$2 flags=$3
  say "building $name"
  nice -n 19 go build -p 2 -trimpath -ldflags "-s -w $flags" -o "$folder/.$name" "$package"
  mv "$folder/.$name" "$folder/$name"
  say "$name is built"
}

# Kubernetes requires its own staging modules as v0.0.0 and replaces them by folders; published, they are 0.MINOR.PATCH.
# What `go mod download` says of a module: FIELD MODULE@VERSION.
module() {
  (cd / && go mod download -json "$2") | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

build_kubernetes() {
  local name=$1 minor staged
  begin_module "k8s.io/kubernetes/cmd/$name" 1.24.0
  staged=$(module GoMod "k8s.io/kubernetes@v$kubernetes")
  printf 'require k8s.io/kubernetes v%s\n' "$kubernetes" >> go.mod
  awk -v version="v0.${kubernetes#1.}" '$1 ~ /^k8s\.io\// && $2 == "v0.0.0" { print "replace " $1 " => " $1 " " version }' \
    "$staged" >> go.mod
  minor=${kubernetes#1.}
  local at=k8s.io/component-base/version
  build "$name" "k8s.io/kubernetes/cmd/$name" \
    "-X $at.gitVersion=v$kubernetes -X $at.gitMajor=1 -X $at.gitMinor=${minor%%.*}"
}

build_prometheus_adapter() {
  begin_module sigs.k8s.io/prometheus-adapter/cmd/adapter 1.22.1
  printf 'require sigs.k8s.io/prometheus-adapter v%s\n' "$adapter" >> go.mod
  build prometheus-adapter sigs.k8s.io/prometheus-adapter/cmd/adapter ""
}

# The operator and the metrics server; KEDA's own replacements are repeated, for the same reason as Kubernetes'.
build_keda() {
  local name=$1 version=v$keda
  begin_module "github.com/kedacore/keda/v2/cmd/${name#keda-}" 1.26.0
  printf 'require github.com/kedacore/keda/v2 %s\n' "$version" >> go.mod
  awk '/^replace \(/ { block = 1 } block { print } /^\)/ { block = 0 } /^replace [^(]/ { print }' \
    "$(module GoMod "github.com/kedacore/keda/v2@$version")" >> go.mod
  build "$name" "github.com/kedacore/keda/v2/cmd/${name#keda-}" ""
}

take_definitions() {
  local folders name
  folders="$(module Dir "github.com/prometheus-operator/prometheus-operator@v$operator")/example/prometheus-operator-crd
    $(module Dir "github.com/kedacore/keda/v2@v$keda")/config/crd/bases"
  rm -rf "$folder/.definitions"
  mkdir "$folder/.definitions"
  for name in $definitions; do
    # shellcheck disable=SC2086  # two folders
    find $folders -name "$name.yaml" -exec install -m 644 {} "$folder/.definitions" \;
    [ -e "$folder/.definitions/$name.yaml" ] || { echo "no module has $name.yaml any more" >&2; exit 1; }
  done
  rm -rf "$folder/definitions"
  mv "$folder/.definitions" "$folder/definitions"
  say "the resource definitions are there"
}

# The package is unpacked, not installed: no root, no service that starts by itself.
take_etcd() {
  local found
  if ! found=$(command -v etcd); then
    mkdir -p "$work/etcd" && cd "$work/etcd"
    apt-get download -q etcd-server >&2 || {
      echo "etcd is neither on PATH nor among apt's packages: install it (Debian: apt-get install etcd-server)" >&2
      exit 1
    }
    dpkg-deb -x etcd-server_*.deb .
    found=usr/bin/etcd
  fi
  install -m 755 "$found" "$folder/.etcd" && mv "$folder/.etcd" "$folder/etcd"
  say "etcd is there"
}

if [ "${1:-}" = --where ]; then
  echo "$folder"
  [ -z "$(missing)" ]
  exit
fi
[ $# -eq 0 ] || { echo "unknown option $1: there are only keda and --where, in this order" >&2; exit 2; }
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# Two runs that start together: the second waits for what the first builds.
exec 9> "$folder/.lock"
flock 9
if [ -n "$(missing)" ]; then
  command -v go > /dev/null || { echo "building $(missing)needs Go 1.24 or newer on PATH" >&2; exit 1; }
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  export GOFLAGS="-mod=mod -buildvcs=false" CGO_ENABLED=0 GOTOOLCHAIN=local
  for program in $(missing); do
    case $program in
      etcd) take_etcd ;;
      definitions) take_definitions ;;
      prometheus-adapter) build_prometheus_adapter ;;
      keda-*) build_keda "$program" ;;
      *) build_kubernetes "$program" ;;
    esac
  done
fi
echo "$folder"
