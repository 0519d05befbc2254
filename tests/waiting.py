"""Waiting for what another thread or process does."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE = 600
"""Seconds, on a machine that trains beside it."""


def wait(condition: Callable[[], Found | None], seconds: float = PATIENCE) -> Found:
    """What the condition says, once it holds."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
    return found


def hears_ctrl_c() -> None:
    """For Popen's preexec_fn: what a shell starts in the background ignores Ctrl-C, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
