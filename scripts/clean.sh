#!/usr/bin/env bash
# Removes the local run with its data and everything that was built; the Python environment too.
set -euo pipefail
cd "$(dirname "$0")/.."
home="${ROWHOUSE_HOME:-.rowhouse}"

[ ! -x .venv/bin/rowhouse ] || .venv/bin/rowhouse down
# Where the servers' users could not reach this folder, the data lies elsewhere and `data` points there.
elsewhere=$(readlink "$home/data" || true)
case "$elsewhere" in /var/lib/rowhouse/*) rm -rf "$elsewhere" ;; esac
rm -rf "$home" .rowhouse .venv web/node_modules web/.next web/out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
find src sandbox tests migrations bench -name __pycache__ -type d -prune -exec rm -rf {} +
echo "Clean."
