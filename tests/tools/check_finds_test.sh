#!/bin/bash
# tools/check finds each thing it looks for, and nothing in a clean tree.
set -uo pipefail
tree=$TEST_TMPDIR/tree
mkdir -p "$tree/tools"
cp -L tools/check tools/files tools/format "$tree/tools/"
cp -L .clang-format "$tree/"
cd "$tree" || exit 1
unset XML_OUTPUT_FILE

printf 'int a = 1;\n' >a.cc
printf 'syntax = "proto2";\npackage t;\nmessage M {\n  // Leading.\n  optional int32 a = 1;\n  optional int32 b = 2;  // Trailing.\n}\n' >m.proto
tools/check --all >out 2>err || { echo "findings in a clean tree:"; cat out err; exit 1; }
rm out err

# expect FILE CONTENT WORDS: the file gives a finding with the words.
expect() {
  printf "$2" >"$1"
  if tools/check --all >"$TEST_TMPDIR/out" 2>&1 || ! grep -q -- "^$1.*$3" "$TEST_TMPDIR/out"; then
    echo "no finding '$3' for $1; got:"
    cat "$TEST_TMPDIR/out"
    exit 1
  fi
  rm "$1"
}
expect b.cc 'int  b=1;\n' 'tools/format would change'
expect b.txt 'a\tb\n' ':1: tab'
expect b.txt 'a\nb \n' ':2: space at the end'
expect b.txt 'a' 'no newline'
expect b.txt 'a\n\n' 'empty line'
expect b.txt "see /ho""me/me/x\n" 'path of a machine'
expect b.txt "TO""DO\n" ':1: TO'
expect n.proto 'syntax = "proto2";\npackage t;\nmessage N {\n  message I {\n    repeated int32 a = 1;\n  }\n}\n' ':5: field without a comment'
expect w.cc "// $(printf 'word %.0s' {1..17})end\n" ':1: comment of'
expect l.cc "$(printf '// a\\n%.0s' {1..451})" ':1: 451 lines'
expect f.cc "int F(int a) {\n$(printf '  a += 1;\\n%.0s' {1..80})  return a;\n}\n" ':1: function of 83 lines'
printf "int F(int a) {\n  switch (a) {\n$(printf '    case %d:\\n      return 1;\\n' {1..60})  }\n  return 0;\n}\n" >s.cc
tools/check --all || { echo "a switch with one line a case may be long"; exit 1; }
rm s.cc
head -c 1000001 /dev/zero >big.bin
tools/check --all >"$TEST_TMPDIR/out" 2>&1
grep -q "^big.bin:1: 1000001 bytes" "$TEST_TMPDIR/out" || { echo "no finding for a large file"; exit 1; }
