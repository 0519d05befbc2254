# What tests use besides Python: Chromium, the system's, else Debian's package (as root), else playwright's own build; and
# Caddy, for the test of several processes behind a proxy. Without one of them its tests are skipped with a reason.
# Without an argument the system's packages; with one, which is playwright, its own Chromium where the system has none.
# The headless shell is Chromium without a window: its pages take a sixth less of a core.
lacks() { ! command -v "$1" >/dev/null; }
if [ -z "$1" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && { lacks chromium-headless-shell || lacks caddy; }; then
    apt-get update -qq
    for package in chromium-headless-shell caddy; do  # one by one: a system may lack the second
        lacks $package && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $package >/dev/null
    done
    # An older Debian has no shell.
    lacks chromium-headless-shell && lacks chromium && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
fi
if lacks chromium-headless-shell && lacks chromium && [ -n "$1" ]; then
    "$1" install chromium || echo "There is no Chromium: the browser tests will be skipped."
fi
