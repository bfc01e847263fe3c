#!/bin/bash
# Packs what a machine with a GPU needs to run tests/gpu/all, into a folder of two files.
#
#   bazel run --config=cuda //tests/gpu:pack -- DIR
#
# DIR/all is the script, DIR/files.tar.xz has the programs and all their libraries but glibc, the GPU driver, LibTorch and
# CUDA's; `all` takes these from the machine and from an installed LibTorch. More than 64 MiB is an error.
# PACK_LEVEL=0 (1 to 9: better and slower, 6 if unset) packs fast for a look, whatever it takes.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: bazel run --config=cuda //tests/gpu:pack -- DIR" >&2; exit 1; }
case $1 in /*) to=$1 ;; *) to=${BUILD_WORKING_DIRECTORY:-.}/$1 ;; esac
[ ! -e "$to" ] || { echo "pack: $to exists" >&2; exit 1; }
runfiles=${RUNFILES_DIR:-$0.runfiles}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

cd "$runfiles"
find -L . -type f | sed 's|^\./||' | while read -r path; do
  case $(basename "$path") in
    libtorch*.so* | libc10*.so* | libcu*.so* | libnv*.so* | libnccl*.so* | libgomp*.so* | libshm*.so* | libcaffe2*.so*)
      echo "$path" >>"$tree/left_out.txt"
      ;;
    *)
      mkdir -p "$tree/$(dirname "$path")"
      cp -L "$path" "$tree/$path"
      ;;
  esac
done
# `transect` looks for its worker beside itself.
ln -s ../../.. "$tree/transect/launch/cli/transect.runfiles"

# Libraries of the system, where the worker looks for them (launch/store/program/built_worker.h).
mkdir "$tree/transect/system_libraries"
for program in launch/cli/transect launch/worker/transect_worker tests/benchmarks/model/train_step_benchmark \
  tests/launch/collective/nccl_test tests/model/gpu/rsrefseg_gpu_test; do
  strip "$tree/transect/$program" 2>/dev/null || true
  ldd "transect/$program" | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }'
done | sort -u | while read -r name path; do
  case $name in
    ld-linux* | libc.so* | libm.so* | libmvec.so* | libdl.so* | librt.so* | libpthread.so* | libresolv.so* | libanl.so*) ;;
    libtorch* | libc10* | libcu* | libnv* | libnccl* | libcaffe2*) ;;
    *)
      case $path in
        *_solib* | *.runfiles/*) ;;
        *) cp -L "$path" "$tree/transect/system_libraries/$name" ;;
      esac
      ;;
  esac
done

mkdir -p "$to"
cp transect/tests/gpu/all transect/tests/gpu/stock_step.py transect/experiments/gpu_smoke.textproto "$to/"
XZ_OPT="-${PACK_LEVEL:-6}" tar -C "$tree" --owner=0 --group=0 -cJf "$to/files.tar.xz" .
size=$(du -sm "$to" | cut -f1)
echo "$to: $size MiB; $(wc -l <"$tree/left_out.txt") libraries of LibTorch and CUDA are left out"
if [ -z "${PACK_LEVEL:-}" ] && [ "$size" -gt 64 ]; then
  echo "pack: more than 64 MiB" >&2
  exit 1
fi
