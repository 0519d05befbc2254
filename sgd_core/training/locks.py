"""Locks between processes that whoever waits for one can give up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

WAIT_SECONDS = 0.5
"""So often a process that waits looks whether it still should."""


class GivenUpError(Exception):
    """The lock was another process's until its turn was over: `patience` seconds, or `cancelled`."""


@contextmanager
def locked(file: Path, cancelled: Callable[[], bool], patience: float = math.inf) -> Iterator[None]:
    """The lock for as long as the block lasts; raises GivenUpError."""
    lock, until = FileLock(file), time.monotonic() + patience
    while True:
        try:
            lock.acquire(timeout=WAIT_SECONDS if time.monotonic() + WAIT_SECONDS < until else 0)
            break
        except Timeout:
            if time.monotonic() >= until or cancelled():
                raise GivenUpError from None
    try:
        yield
    finally:
        lock.release()
