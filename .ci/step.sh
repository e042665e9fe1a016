# What do the steps of .ci/run share? To be sourced: `. .ci/step.sh`.
# shellcheck shell=bash
set -euo pipefail
trap 'echo "failed: $BASH_COMMAND (${BASH_SOURCE[0]} line $LINENO)" >&2' ERR

# Shows a command, then runs it.
run() {
    echo "+ $*"
    "$@"
}

# Says what is left out, and why. Not a failure.
skip() {
    echo "SKIPPED: $*"
}

# Whether rustup has a toolchain whose name starts like this.
has_toolchain() {
    command -v rustup >/dev/null && rustup toolchain list | grep -q "^$1"
}
