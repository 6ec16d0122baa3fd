# Shared by the scripts: steps that say what they do and how long each took. Source it.
set -euo pipefail
TROUPE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$TROUPE_ROOT"
TROUPE_STEPS=()

# step "what it does" command...: announces it, runs it, remembers how long it took.
step() {
  local what=$1 began=${EPOCHREALTIME/[.,]/} tenths
  shift
  printf '\n==> %s\n' "$what"
  "$@"
  tenths=$(((${EPOCHREALTIME/[.,]/} - began) / 100000))
  TROUPE_STEPS+=("$(printf '%4d.%d s  %s' $((tenths / 10)) $((tenths % 10)) "$what")")
}

# Prints the table of steps.
steps_report() {
  printf '\nSteps:\n'
  printf '  %s\n' "${TROUPE_STEPS[@]}"
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this step needs root: run the script as root or install sudo"
  fi
}

jobs() { nproc; }
