"""An app of one's own on a free port, or several processes on several, for `screenshots`, `bench` and tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
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
    with process(environment) as (url, _):
        yield url


@contextmanager
def process(environment: Mapping[str, str] | None = None) -> Iterator[tuple[str, int]]:
    """The same, and the number of its process."""
    port = free_ports(1)
    flags = ["--server.address", "127.0.0.1", "--server.port", str(port), "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    with _started(command, [port], environment) as (urls, number):
        yield urls[0], number


@contextmanager
def together(processes: int, environment: Mapping[str, str] | None = None) -> Iterator[tuple[list[str], int]]:
    """The URLs of what `serve --explore --processes` starts, and the process that keeps their rooms."""
    port = free_ports(processes)
    command = [sys.executable, "-m", "sgd_core", "serve", "--explore", "--port", str(port)]
    command += ["--processes", str(processes)]
    with _started(command, range(port, port + processes), environment) as started:
        yield started


@contextmanager
def _started(
    command: Sequence[str], ports: Sequence[int], environment: Mapping[str, str] | None
) -> Iterator[tuple[list[str], int]]:
    urls = [f"http://127.0.0.1:{port}" for port in ports]
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
            while not all(map(healthy, urls)):
                if server.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    said = log.read().decode(errors="replace")[-2000:]
                    raise UserError(f"The app did not start on {', '.join(urls)}:\n{said}")
                time.sleep(0.05)
            yield urls, server.pid
        finally:
            server.terminate()
            try:
                server.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def free_ports(count: int) -> int:
    """The first of so many free ports in a row; raises UserError where none were found."""
    for _ in range(100):
        with ExitStack() as taken, suppress(OSError, OverflowError):
            first = taken.enter_context(_bound(0)).getsockname()[1]
            for further in range(1, count):
                taken.enter_context(_bound(first + further))
            return int(first)
    raise UserError(f"No {count} free ports in a row were found.")


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    try:
        bound.bind(("127.0.0.1", port))
    except (OSError, OverflowError):
        bound.close()
        raise
    return bound


def healthy(url: str) -> bool:
    """Whether an app answers there."""
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False
