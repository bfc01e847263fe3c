#!/bin/bash
# Packs what tests/gpu/all needs into a folder to be carried to a machine with a GPU.
#
#   bazel run --config=cuda //tests/gpu:pack -- DIR
#
# LibTorch and CUDA's libraries stay out: `all` takes them from an installed LibTorch.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: bazel run --config=cuda //tests/gpu:pack -- DIR" >&2; exit 1; }
case $1 in /*) to=$1 ;; *) to=${BUILD_WORKING_DIRECTORY:-.}/$1 ;; esac
[ ! -e "$to" ] || { echo "pack: $to exists" >&2; exit 1; }
runfiles=${RUNFILES_DIR:-$0.runfiles}
mkdir -p "$to/tree"
cp "$runfiles/transect/tests/gpu/all" "$runfiles/transect/tests/gpu/stock_step.py" \
  "$runfiles/transect/experiments/gpu_smoke.textproto" "$to/"
: >"$to/left_out.txt"
cd "$runfiles"
find -L . -type f | sed 's|^\./||' | while read -r path; do
  case $(basename "$path") in
    libtorch* | libc10* | libcu* | libnv* | libnccl* | libgomp* | libshm* | libcaffe2*)
      echo "$path" >>"$to/left_out.txt"
      ;;
    *)
      mkdir -p "$to/tree/$(dirname "$path")"
      cp -L "$path" "$to/tree/$path"
      ;;
  esac
done
# `transect` looks for its worker beside itself.
ln -s ../../.. "$to/tree/transect/launch/cli/transect.runfiles"
strip "$to"/tree/transect/tests/*/*/*_test "$to"/tree/transect/tests/benchmarks/model/*_benchmark 2>/dev/null || true
echo "$to: $(du -sm "$to" | cut -f1) MiB, and $(wc -l <"$to/left_out.txt") libraries of LibTorch and CUDA left out"
