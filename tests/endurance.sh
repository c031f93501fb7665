#!/usr/bin/env bash
# Runs the endurance tests at full length on both databases: a minute of racing, fifty killed servers. The last lines say what
# was counted. `tests/endurance.sh --release` tests the optimised program, which races harder and takes longer to build.
# RACE_SECONDS, KILL_ROUNDS and SEED may be set; PostgreSQL 15 or newer must be installed.
set -euo pipefail
cd "$(dirname "$0")/.."

export CI=true RACE_SECONDS="${RACE_SECONDS:-60}" KILL_ROUNDS="${KILL_ROUNDS:-50}"
if [ -z "${TMPDIR:-}" ] && [ -d /dev/shm ] && [ -w /dev/shm ]; then
    export TMPDIR=/dev/shm
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
# One after the other: a race is for the machine as it is.
cargo test --package tests --test endurance "$@" -- --nocapture --test-threads 1 2>&1 | tee "$log" || status=$?
echo
grep -oE '(race|kill) on [A-Za-z]+: ([0-9]|SEED).*|^test result:.*' "$log" || true
exit "$status"
