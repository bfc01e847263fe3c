#!/bin/bash
# Bazel runs this before each build and hands the lines to //tools/build_info. Outside a git checkout it prints nothing, and
# the build says "unknown".
commit=$(git rev-parse HEAD 2>/dev/null) || exit 0
echo "STABLE_GIT_COMMIT $commit"
if [ -n "$(git status --porcelain --untracked-files=normal 2>/dev/null | head -1)" ]; then
  echo "STABLE_GIT_DIRTY 1"
else
  echo "STABLE_GIT_DIRTY 0"
fi
