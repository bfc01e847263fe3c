#!/bin/bash
# Prints the directory of the LibTorch that the lock file names, and fetches it first if this user does not have it yet.
#
#   fetch.sh LOCK
#
# LibTorch is the C++ part of the published torch wheel: headers, libtorch_cpu.so and libc10.so, with the two small CUDA
# libraries that it loads even where there is no GPU. It lands in
#   ${XDG_CACHE_HOME:-$HOME/.cache}/transect/libtorch/<sha256 of LOCK>/
# which all clones share. pip checks every wheel against the digest in LOCK; the directory appears by one rename, so it is
# complete or absent. A second caller waits for the first.
set -euo pipefail

die() {
  echo "LibTorch: $1" >&2
  echo "Run tools/setup, or set LIBTORCH_HOME to an unpacked LibTorch (a directory with lib/ and include/)." >&2
  exit 1
}

[ $# -eq 1 ] && [ -r "$1" ] || die "usage: fetch.sh LOCK"
lock=$1
[ -n "${XDG_CACHE_HOME:-}${HOME:-}" ] || die "neither XDG_CACHE_HOME nor HOME is set."
digest=$(sha256sum <"$lock" | cut -d' ' -f1)
root=${XDG_CACHE_HOME:-$HOME/.cache}/transect/libtorch
home=$root/$digest

if [ -e "$home/torch/lib/libtorch_cpu.so" ]; then
  echo "$home/torch"
  exit 0
fi

for program in python3 unzip flock; do
  command -v "$program" >/dev/null || die "no $program."
done
python3 -m pip --version >/dev/null 2>&1 || die "python3 has no pip (package python3-pip)."
mkdir -p "$root" || die "cannot create $root."
exec 9>"$root/lock"
flock 9
if [ ! -e "$home/torch/lib/libtorch_cpu.so" ]; then
  tmp=$(mktemp -d "$root/partial.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  echo "LibTorch: fetching $(cut -d' ' -f1 "$lock" | paste -sd' ') into $home" >&2
  # The version, ABI and platform options let any Python 3 fetch the wheels that the lock names.
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    --no-cache-dir --python-version 3.11 --implementation cp --abi cp311 --abi none \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux2014_x86_64 \
    -d "$tmp/wheels" -r "$lock" >&2 || die "pip could not download what $lock names."
  for wheel in "$tmp"/wheels/*.whl; do
    # unzip returns 11 where one of the patterns matches nothing.
    unzip -q -o "$wheel" 'torch/lib/*' 'torch/include/*' 'nvidia/*/lib/*' '*.dist-info/licenses/*' \
      '*.dist-info/LICENSE*' '*.dist-info/NOTICE*' '*.dist-info/License*' -d "$tmp/site" 2>/dev/null ||
      [ $? -eq 11 ] || die "cannot unpack $wheel."
  done
  [ -e "$tmp/site/torch/lib/libtorch_cpu.so" ] || die "the wheel has no torch/lib/libtorch_cpu.so."
  rm -rf "$home"
  mv -T "$tmp/site" "$home"
fi
echo "$home/torch"
