#!/bin/bash
# tools/summarize_tests on hand-written results of each kind.
set -uo pipefail
logs=$TEST_TMPDIR/logs
mkdir -p "$logs"/p/{gtest,shell,crash,old} "$logs"/p/sharded/shard_{1,2}_of_2
echo '<testsuites><testsuite>
  <testcase name="A" classname="S" status="run" result="completed"/>
  <testcase name="B" classname="S" status="run" result="completed"><failure message="1 != 2"/></testcase>
  <testcase name="C" classname="S" status="run" result="skipped"><skipped message="no GPU"/></testcase>
  <testcase name="D" classname="S" status="notrun" result="suppressed"/>
</testsuite></testsuites>' >"$logs/p/gtest/test.xml"
echo '<testsuites><testsuite errors="0"><testcase name="p/shell"/></testsuite></testsuites>' >"$logs/p/shell/test.xml"
echo '<testsuites><testsuite errors="1"><testcase name="p/crash"><error message="exited with error code 134"/></testcase></testsuite></testsuites>' \
  >"$logs/p/crash/test.xml"
for shard in 1 2; do cp "$logs/p/shell/test.xml" "$logs/p/sharded/shard_${shard}_of_2/test.xml"; done
cp "$logs/p/shell/test.xml" "$logs/p/old/test.xml"
touch -d '1 hour ago' "$logs/p/old/test.xml"
touch -d '1 minute ago' "$TEST_TMPDIR/since"

printf '//p:%s\n' gtest shell crash sharded old absent >"$TEST_TMPDIR/targets"
tools/summarize_tests "$logs" "$TEST_TMPDIR/targets" "$TEST_TMPDIR/since" >"$TEST_TMPDIR/out"
status=$?
diff - "$TEST_TMPDIR/out" <<'END' || exit 1
FAILED //p:absent: no result: not built, or not run
FAILED //p:crash p/crash: exited with error code 134
FAILED //p:gtest S.B: 1 != 2
SKIPPED //p:gtest S.C: no GPU
SKIPPED //p:gtest S.D: disabled
FAILED //p:old: no result: not built, or not run
4 passed, 4 failed, 2 skipped
END
[ "$status" -eq 1 ] || { echo "exit code $status where cases failed"; exit 1; }

echo //p:shell >"$TEST_TMPDIR/targets"
[ "$(tools/summarize_tests "$logs" "$TEST_TMPDIR/targets")" = "1 passed, 0 failed, 0 skipped" ] || exit 1
