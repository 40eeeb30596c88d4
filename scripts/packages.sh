# shellcheck shell=bash
# Sourced by scripts/test and scripts/demo: installs Debian packages that are missing.
#
# `install_missing PACKAGE...` asks dpkg first, and leaves apt alone when everything is there: a prepared machine
# needs neither root nor a network.

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_missing() {
  local missing=() package as_root=()
  if ! command -v dpkg-query >/dev/null; then
    echo "error: this script installs Debian packages, and there is no dpkg here. Install what README.md lists" >&2
    echo "       and use the CMake presets." >&2
    return 1
  fi
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "error: missing packages: ${missing[*]}" >&2
      echo "       Run this script as root, or install sudo, or install them yourself." >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    echo "error: apt-get could not install ${missing[*]}; its whole output is in $log" >&2
    return 1
  fi
  rm -f "$log"
}
