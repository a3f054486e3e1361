# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts beside it. Needs bash.
# shellcheck shell=bash disable=SC2034

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$top/build/deps

say() { printf '==> %s\n' "$*"; }
warn() { printf '==> WARNING: %s\n' "$*" >&2; }
die() { printf '==> ERROR: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or by sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "this needs root, and sudo is not installed: $*"
  fi
}

# Prints those of the packages that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      printf '%s\n' "$package"
  done
}

# Installs what is missing of the packages; quick, and without a network, if nothing is.
install_packages() {
  command -v apt-get >/dev/null 2>&1 || die "this needs apt (Debian 12 or later)"
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ "${#missing[@]}" -eq 0 ]; then
    say "all needed packages are installed"
    return
  fi
  say "installing by apt: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update ||
    warn "apt-get update failed; going on with the package lists that there are"
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends install "${missing[@]}"
}

# build_preset PRESET [-Dconfigure-option]... [build-option]...: configures and builds a preset.
build_preset() {
  local preset=$1 configure=()
  shift
  while [ $# -gt 0 ] && [[ $1 == -D* ]]; do
    configure+=("$1")
    shift
  done
  if command -v ccache >/dev/null 2>&1; then
    # Another clone of the same sources finds what this one compiled.
    export CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1
    configure+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  mkdir -p "$top/build"
  say "building the preset '$preset' in build/$preset"
  (
    cd "$top" || exit 1
    cmake --preset "$preset" "${configure[@]}" >"build/$preset.configure.log" 2>&1 ||
      { cat "build/$preset.configure.log" >&2; exit 1; }
    cmake --build --preset "$preset" "$@"
  )
}
