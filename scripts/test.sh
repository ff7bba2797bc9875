#!/usr/bin/env bash
# All tests, on their own fresh services; arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/python -m pytest -n 2 --dist worksteal --durations 10 "$@"
if [ -f web/package.json ] && [ $# -eq 0 ]; then
    (cd web && "../.rowhouse/tools/node_modules/.bin/pnpm" --silent run test)
fi
