#!/bin/sh
# See to it that the browser tests find a Chromium. Installs Debian's as root; elsewhere says what to do.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done
for app in "Google Chrome" Chromium; do
    if [ -x "/Applications/$app.app/Contents/MacOS/$app" ]; then
        exit 0
    fi
done
if [ -n "${CAUSEWAY_TEST_BROWSER:-}" ]; then
    exit 0
fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends chromium fonts-liberation >/dev/null
    exit 0
fi

echo "The browser tests need Chromium or Google Chrome." >&2
echo "Debian: sudo apt-get install chromium    macOS: install Google Chrome" >&2
echo "Any other place: set CAUSEWAY_TEST_BROWSER to the path of the program." >&2
exit 1
