#!/usr/bin/env bash
# All checks that need no running service, those of Python and those of the web side by side; goes on after a failure,
# fails at the end.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PWD/.rowhouse/tools/node_modules/.bin:$PATH" NEXT_TELEMETRY_DISABLED=1
failed=$(mktemp)
trap 'rm -f "$failed"' EXIT

step() {
    local name=$1 begun output
    shift
    begun=$(date +%s%3N)
    if output=$("$@" 2>&1); then
        printf '✓ %-22s %5.1f s\n' "$name" "$(( $(date +%s%3N) - begun ))e-3"
    else
        printf '✗ %s\n%s\n' "$name" "$output"
        printf '%s\n' "$name" >>"$failed"
    fi
}

no_addresses() {
    # A lock file must install from whichever registry the machine uses.
    ! grep -nE 'https?://|file://|tarball:|resolved|--(extra-)?index-url|--find-links' requirements.lock web/pnpm-lock.yaml
}

in_web() { (cd web && pnpm --silent run "$1"); }

of_python() {
    step "format"              ruff format --check .
    step "lint"                ruff check .
    step "types"               mypy
    step "imports"             lint-imports
    step "openapi drift"       rowhouse openapi --check
    step "privacy page drift"  rowhouse docs privacy --check
    step "migrations drift"    rowhouse migrations --check
    step "lock drift"          scripts/lock.sh --check
    step "no registry in locks" no_addresses
    step "shell syntax"        bash -n scripts/bootstrap.sh scripts/check.sh scripts/lock.sh scripts/test.sh .ci/run
}

of_web() {
    step "web lint"            in_web lint
    step "web types"           in_web types
    step "web client drift"    in_web api:check
}

if [ -f web/package.json ]; then of_web & fi
of_python
wait

if [ -s "$failed" ]; then
    printf '\nfailed: %s\n' "$(paste -sd, "$failed")"
    exit 1
fi
