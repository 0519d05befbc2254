"""An app of one's own on a free port, for `screenshots`, `bench pages` and the browser tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryFile

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.ui import path

PATIENCE = 90
"""Seconds for the app to answer; a cold start takes about 2 on an idle machine."""


UNDISTURBED = {"SGD_PREPARE": "no"}
"""Nothing is made ready for training beside what is measured."""


def pages() -> dict[str, str]:
    """Every page's file, relative to the root, and its place in a URL ('' for the first), in the path's order."""
    return {page.file: page.slug for page in path.in_order()}


@contextmanager
def running(environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL of a running app; `environment` is laid over this process's. Raises UserError where it does not start."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1",
        "--server.port", str(port), "--server.headless", "true",
    ]  # fmt: skip
    with TemporaryFile() as log:
        server = subprocess.Popen(
            command,
            cwd=settings.ROOT,
            env={**os.environ, **UNDISTURBED, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not _healthy(url):
                if server.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise UserError(f"The app did not start on {url}:\n{log.read().decode(errors='replace')[-2000:]}")
                time.sleep(0.05)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False
