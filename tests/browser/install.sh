# Get a Chromium for the browser tests: the system's, else Debian's package (as root), else playwright's own build.
# Without any of them the browser tests are skipped with a reason.
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
"$BIN/playwright" install chromium || echo "No Chromium could be installed; the browser tests will be skipped."
