#!/bin/sh
# Install the locked environment into .venv, with nothing but a Python of 3.11 to 3.13. Quick when nothing changed.
set -eu
cd "$(dirname "$0")/.."

# Where there is Java, the journeys' SQL is also tried on Spark; elsewhere its 450 MB stay away.
extras=
if command -v java >/dev/null && java -version >/dev/null 2>&1; then
    extras='--extra spark'
fi

stamp=.venv/.causeway-synced
state="$PWD $extras $(cat uv.lock pyproject.toml | cksum)"
if [ -x .venv/bin/causeway ] && .venv/bin/python -c '' 2>/dev/null && [ "$(cat "$stamp" 2>/dev/null)" = "$state" ]; then
    exit 0
fi

fits='import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
python=
for candidate in python3 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c "$fits" 2>/dev/null; then
        python=$(command -v "$candidate")
        break
    fi
done
if [ -z "$python" ]; then
    echo "Causeway needs Python 3.11, 3.12 or 3.13, and none is on the PATH." >&2
    echo "Debian: apt-get install python3 python3-venv    macOS: brew install python@3.13" >&2
    exit 1
fi

# uv reads the lock file. Where it is missing it goes into a folder of its own, never into the system's Python.
install_uv() {
    echo "Installing uv into .uv ..."
    rm -rf .uv
    if "$python" -m venv .uv 2>/dev/null; then
        .uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
    elif "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m pip install --quiet --disable-pip-version-check --target .uv 'uv>=0.9'
    else
        return 1
    fi
}

uv=$(command -v uv || true)
if [ -z "$uv" ] && [ ! -x .uv/bin/uv ] && ! install_uv; then
    # Debian's Python comes without venv and pip.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv
        install_uv
    else
        echo "uv cannot be installed: this Python has neither venv nor pip." >&2
        echo "Debian: sudo apt-get install python3-venv    or install uv yourself: https://docs.astral.sh/uv" >&2
        exit 1
    fi
fi
uv=${uv:-.uv/bin/uv}

# An environment that is there keeps its Python. None is ever downloaded.
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c "$fits" 2>/dev/null; then
    set -- --python "$python"
fi
echo "Installing the locked environment into .venv ..."
# shellcheck disable=SC2086 # no extra is no word
UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV='' "$uv" sync --frozen --quiet $extras "$@"
echo "$state" >"$stamp"
