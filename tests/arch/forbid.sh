#!/bin/bash
# forbid.sh DEPS_FILE WORD...: fails and prints the line where a WORD occurs in a list of labels that genquery made. The
# text file with the version of a library is not the library.
set -uo pipefail
deps=$1
shift
[ -s "$deps" ] || { echo "$deps is empty: the query found nothing"; exit 1; }
bad=0
for word in "$@"; do
  if grep -F -- "$word" "$deps" | grep -v ':versions\.txt$'; then
    echo "^ $word must not be among the dependencies"
    bad=1
  fi
done
exit $bad
