#!/usr/bin/env bash
# Installs what is missing, says what it does, and is quick when nothing is missing.
#   scripts/bootstrap.sh          what `make up` needs: system packages, Python environment, web front end
#   scripts/bootstrap.sh tests    the same, a browser, and what stands around Rowhouse in production
#   scripts/bootstrap.sh check    the same without building the web front end
# Everything it makes lies in .venv, .rowhouse/tools and web/{node_modules,.next,out}.
set -euo pipefail
cd "$(dirname "$0")/.."

UV_VERSION=0.13.8
PNPM_VERSION=10.34.8
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 NEXT_TELEMETRY_DISABLED=1
export PIP_DISABLE_PIP_VERSION_CHECK=1 npm_config_update_notifier=false

say() { printf '\033[1m› %s\033[0m\n' "$*"; }
fail() { printf 'rowhouse: %s\n' "$*" >&2; exit 1; }

# One at a time: `make test` beside a `make up` that is still installing.
mkdir -p .rowhouse/tools
exec 9>.rowhouse/tools/bootstrap.lock
flock 9

# A stamp remembers the hash of what a thing was made from.
stamped() { [ "$(cat ".rowhouse/tools/$1.stamp" 2>/dev/null)" = "$2" ]; }
stamp() { printf '%s' "$2" > ".rowhouse/tools/$1.stamp"; }
hash_of() { cat "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }

# Also where only root's PATH leads.
has() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null; }
has_browser() { command -v chromium >/dev/null || command -v google-chrome >/dev/null; }

system_packages() {
    local missing=()
    [ -x /usr/sbin/mosquitto ] || command -v mosquitto >/dev/null || missing+=(mosquitto)
    command -v mosquitto_ctrl >/dev/null || missing+=(mosquitto-clients)
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    # Only for tests, and for `make up ARGS=--production-like`: nginx, PgBouncer; servers with TLS; a reader of Compose.
    if [ "${1:-}" = tests ] || [ "${1:-}" = production-like ]; then
        has nginx || missing+=(nginx-light)
        has pgbouncer || missing+=(pgbouncer)
    fi
    if [ "${1:-}" = tests ]; then
        has redis-server || missing+=(redis-server)
        has docker-compose || missing+=(docker-compose)
        compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
    fi
    # Ubuntu's package of that name only fetches a snap, which doesn't run everywhere: see browser().
    if [ "${1:-}" = tests ] && ! has_browser && grep -q '^ID=debian' /etc/os-release; then missing+=(chromium); fi
    [ ${#missing[@]} -gt 0 ] || return 0
    say "system packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "please install as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    # Installed to be started by us: none of them is to run on this machine as a service of its own.
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
        "${as_root[@]}" chmod +x $policy
        trap "${as_root[*]} rm -f $policy" EXIT
    fi
    local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300
        install -y -q --no-install-recommends "${missing[@]}")
    # The lists of packages are fetched only if the ones that are there don't do.
    "${install[@]}" >.rowhouse/tools/apt.log 2>&1 && return 0
    "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -q >>.rowhouse/tools/apt.log 2>&1 || true
    "${install[@]}" >>.rowhouse/tools/apt.log 2>&1 || { cat .rowhouse/tools/apt.log >&2; fail "apt-get failed"; }
}

python_environment() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed"
    local wanted
    wanted="$PWD $UV_VERSION $(python3 -c 'import sys; print(sys.version, sys.prefix)') $(hash_of requirements.lock pyproject.toml)"
    if [ -x .venv/bin/rowhouse ] && stamped python "$wanted"; then compile_source; return 0; fi
    say "Python environment .venv"
    # One made by another interpreter, or moved here from another folder, can't be mended.
    if ! grep -qsF "$PWD/.venv/bin/" .venv/bin/pip || ! .venv/bin/python -c pass 2>/dev/null; then
        rm -rf .venv
        python3 -m venv .venv
    fi
    .venv/bin/uv --version 2>/dev/null | grep -q "^uv $UV_VERSION" || .venv/bin/python -m pip install -q "uv==$UV_VERSION"
    # Compiled now: else the first start does it, for seconds, on two cores.
    .venv/bin/uv pip sync -q --python .venv/bin/python --require-hashes --compile-bytecode requirements.lock
    .venv/bin/uv pip install -q --python .venv/bin/python --no-deps --editable .
    compile_source
    stamp python "$wanted"
}

# Five processes import the same source at a start; where PYTHONDONTWRITEBYTECODE is set each would compile all of it.
compile_source() { .venv/bin/python -m compileall -q src sandbox migrations || fail "the source does not compile"; }

browser() {
    if [ "${1:-}" != tests ] || has_browser; then return 0; fi
    say "a browser for the tests"
    .venv/bin/playwright install --with-deps chromium
}

# Prometheus' and Alertmanager's own judges of rules and routes, unpacked and not installed: the packages would start
# servers. Elsewhere than on Debian and Ubuntu their tests are skipped.
prometheus_tools() {
    local to=.rowhouse/tools/prometheus
    if [ "${1:-}" != tests ] || [ -x $to/amtool ] || ! command -v apt-get >/dev/null; then return 0; fi
    say "promtool and amtool"
    local at
    at=$(mktemp -d)
    if (cd "$at" && apt-get download -q prometheus prometheus-alertmanager >apt.log 2>&1); then
        for package in "$at"/*.deb; do dpkg-deb -x "$package" "$at/x"; done
        mkdir -p $to && cp "$at"/x/usr/bin/promtool "$at"/x/usr/bin/amtool $to/
    else
        tail -n 3 "$at/apt.log" >&2
        [ -z "${CI:-}" ] || fail "promtool and amtool can't be fetched"
    fi
    rm -rf "$at"
}

pnpm() {
    # Not another version of itself, whatever web/package.json names.
    npm_config_manage_package_manager_versions=false "$ROOT/.rowhouse/tools/node_modules/.bin/pnpm" "$@"
}

web() {
    [ -f web/package.json ] || { say "no web front end yet: only the API"; return 0; }
    command -v npm >/dev/null || fail "Node.js 20 or newer with npm is needed for the web front end"
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "Node.js 20 or newer is needed"
    if [ "$(.rowhouse/tools/node_modules/.bin/pnpm --version 2>/dev/null)" != "$PNPM_VERSION" ]; then
        say "pnpm $PNPM_VERSION"
        npm install --silent --no-fund --no-audit --prefix .rowhouse/tools "pnpm@$PNPM_VERSION"
    fi
    local packages
    packages="$(hash_of web/package.json web/pnpm-lock.yaml web/.npmrc) $(node --version)"
    if [ ! -d web/node_modules ] || ! stamped web-packages "$packages"; then
        say "web packages"
        (cd web && CI=1 pnpm install --frozen-lockfile --reporter=silent)
        stamp web-packages "$packages"
    fi
    [ "${1:-}" != check ] || return 0
    local sources
    sources="$packages $(find web -name node_modules -prune -o -name .next -prune -o -path web/out -prune \
        -o -type f ! -name '*.tsbuildinfo' ! -name next-env.d.ts -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)"
    if [ ! -d web/out ] || ! stamped web-build "$sources"; then
        say "web front end"
        (cd web && NODE_ENV=production pnpm --silent run build >"$ROOT/.rowhouse/tools/web-build.log" 2>&1) \
            || { cat .rowhouse/tools/web-build.log >&2; fail "the web front end does not build"; }
        stamp web-build "$sources"
    fi
}

ROOT="$PWD"
# The front end needs nothing of the rest.
web "$@" &
web=$!
system_packages "$@"
python_environment
browser "$@"
prometheus_tools "$@"
wait $web
