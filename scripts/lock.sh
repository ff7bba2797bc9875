#!/usr/bin/env bash
# Writes requirements.lock: every package with its hashes, for every Python from 3.11 and every platform, no address.
# With --check it only says whether the lock still follows from pyproject.toml (no upgrades are looked for).
set -euo pipefail
cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
# uv keeps the versions that it finds in the file it writes to.
[ "${1:-}" = --upgrade ] || cp requirements.lock "$fresh" 2>/dev/null || true
.venv/bin/uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 \
    --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$fresh" >/dev/null

if [ "${1:-}" = --check ]; then
    # Without the hashes: which files of a version a registry offers is not this project's to decide.
    diff -u <(grep -v -- --hash= requirements.lock) <(grep -v -- --hash= "$fresh") || { echo "requirements.lock does not follow from pyproject.toml: make lock"; exit 1; }
else
    cp "$fresh" requirements.lock
fi
