#!/usr/bin/env bash
# Tests the containers on the Docker engine at hand, or else on one that ENGINE_SCRIPT starts and stops.
set -euo pipefail
cd "$(dirname "$0")/.."
script=${ENGINE_SCRIPT:-}

engine_is_up() { docker info >/dev/null 2>&1; }

if ! engine_is_up; then
    if [ ! -f "$script" ]; then
        echo 'no Docker engine: the test of the containers is skipped'
        exit 0
    fi
    eval "$(bash "$script" env)"
    if ! engine_is_up; then
        trap 'bash "$script" down' EXIT
        bash "$script" up
    fi
fi
"${PYTEST:-pytest}" -m compose tests/test_compose.py "$@"
