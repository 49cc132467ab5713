#!/usr/bin/env bash
# Makes .venv: Python 3.11, the pinned packages, the JARs of Delta, the class archive.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "setup: $*" >&2
    exit 2
}

is_311() {
    command -v "$1" >/dev/null 2>&1 &&
        [ "$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = 3.11 ]
}

python=
for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python; do
    if is_311 "$candidate"; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "Atlas needs Python 3.11 (found: $(python3 --version 2>&1 || true)); install it or set PYTHON=/path/to/python3.11"

if ! { [ -x .venv/bin/python ] && is_311 .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    rm -rf .venv
    # A bare Debian Python lacks ensurepip: virtualenv brings its own pip.
    "$python" -m venv .venv >/dev/null 2>&1 ||
        { rm -rf .venv && "$python" -m virtualenv -q .venv >/dev/null 2>&1; } ||
        fail "$python can make no virtual environment; install python3.11-venv (Debian) or virtualenv"
fi

echo "setup: installing the pinned packages into .venv (some minutes the first time)" >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
    --ignore-requires-python --require-hashes -r conf/models.txt ||
    echo "setup: the English model of conf/models.txt can't be had; the small one takes its place" >&2
rm -f .venv/atlas/classes.jsa # made for the packages and the Java that were there before
.venv/bin/python -m jobs.runtime.jars
echo "setup: making the class archive" >&2
.venv/bin/python -m jobs.runtime.archive >/dev/null 2>&1 ||
    echo "setup: no class archive could be made; runs only start more slowly" >&2
touch .venv/.ready
