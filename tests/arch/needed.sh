#!/bin/bash
# needed.sh BINARY WORD...: fails where the dynamic section of BINARY asks for a library with a WORD in its name.
set -uo pipefail
binary=$1
shift
needed=$(objdump -p "$binary" | sed -n 's/^ *NEEDED *//p')
[ -n "$needed" ] || { echo "objdump found no NEEDED entry in $binary"; exit 1; }
bad=0
for word in "$@"; do
  if grep -F -- "$word" <<<"$needed"; then
    echo "^ $binary must not need a $word library"
    bad=1
  fi
done
exit $bad
