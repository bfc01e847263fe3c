#!/bin/bash
# Runs the hygiene checks on the source tree that this file lies in.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
exec tools/check --all
