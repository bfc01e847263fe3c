#!/bin/bash
# Packs what a machine with a GPU gets, and goes through `all` on the CPU with tiny sizes. Nothing is measured; it fails if
# the pack lacks a file, or if a step of the script does not work any more. `pack` itself refuses to be too large.
set -uo pipefail
fail() { echo "$*" >&2; exit 1; }
runfiles=${RUNFILES_DIR:-$TEST_SRCDIR}
pack=$TEST_TMPDIR/pack
PACK_LEVEL=0 "$runfiles/transect/tests/gpu/pack" "$pack" || fail "pack failed"

libtorch=$(find -L "$runfiles" -name libtorch_cpu.so | head -1)
[ -n "$libtorch" ] || fail "no libtorch_cpu.so in $runfiles"
out=${TEST_UNDECLARED_OUTPUTS_DIR:-$TEST_TMPDIR}/out
# A Python of the machine would make the comparison with a stock step a part of this test, or not.
LIBTORCH_HOME=$(dirname "$(dirname "$libtorch")") DRY_RUN=1 NO_STOCK=1 "$pack/all" "$out"
code=$?
[ $code = 0 ] || { for log in "$out"/*.log; do echo "== $log"; tail -5 "$log" | cut -c1-300; done; fail "exit code $code"; }
for step in model_tests nccl_tests train_1 train_2_ZERO2 resume twice speed_base speed_evaluate; do
  grep -q "^pass   $step " "$out/summary.txt" || fail "summary.txt does not say that $step passed"
done
grep -q '^  base [0-9.]* [0-9.]* [0-9.]*$' "$out/summary.txt" || fail "no line of speed for base"
rm -rf "$out"/store_* "$pack"
