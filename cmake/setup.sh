#!/bin/bash
# Installs what is missing of the Debian 12 packages that Varve needs.
#
#   cmake/setup.sh [build] [test] [sanitize] [bench]      without a group: all
#
# Does nothing, and needs no rights, when every package is there. Otherwise it must run as root or be allowed to sudo.
set -euo pipefail

build=(cmake ninja-build g++ pkg-config ccache libeigen3-dev libxtensor-dev libxsimd-dev libhdf5-dev
  libblosc-dev libzstd-dev liblz4-dev libdeflate-dev liblzf-dev nlohmann-json3-dev libfmt-dev libcli11-dev
  tao-pegtl-dev)
test=(catch2 python3-zarr python3-h5py python3-netcdf4 python3-xarray python3-hdf5plugin
  hdf5-plugin-lzf clang-format-16)
sanitize=(clang-16 libclang-rt-16-dev llvm-16)
bench=(libbenchmark-dev python3-dask python3-scipy python3-zarr python3-h5py python3-netcdf4)

packages=()
for group in "${@:-build test sanitize bench}"; do
  for name in $group; do
    case $name in
      build) packages+=("${build[@]}") ;;
      test) packages+=("${test[@]}") ;;
      sanitize) packages+=("${sanitize[@]}") ;;
      bench) packages+=("${bench[@]}") ;;
      *) echo "setup.sh: unknown group '$name' (known: build, test, sanitize, bench)" >&2; exit 2 ;;
    esac
  done
done

command -v dpkg-query >/dev/null || {
  echo "setup.sh: this is not a Debian system; install by hand: ${packages[*]}" >&2
  exit 1
}

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "setup.sh: not root and no sudo; install as root: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi

echo "Installing ${#missing[@]} packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 || { cat "$log" >&2; return 1; }; }
# A fresh machine has no package lists; an old list may name versions that are gone.
quietly apt-get -qq update
quietly apt-get -qq -y --no-install-recommends install "${missing[@]}"
