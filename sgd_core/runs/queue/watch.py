"""What the training processes of this machine run first: be nice, and die with the server that started them.

A server killed with -9 cannot tell anyone. Scheduler and worker are its children, so each looks every two seconds
whether it still is.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

import click

from sgd_core import settings

LOOK_SECONDS = 2.0


@click.command()
@click.argument("server", type=int)
def dask_setup(process: object, server: int) -> None:
    """Dask's preload hook; `server` is the process that these processes must not outlive."""
    if type(process).__name__ != "Scheduler":
        give_way(settings.niceness())
    threading.Thread(target=_end_with, args=(server,), name="watch", daemon=True).start()


def give_way(niceness: int) -> None:
    """Be nice, as visitors come first: a worker on every core leaves a reader's page its time; 0 does nothing.

    As a session too: Linux shares cores between sessions first, and niceness counts only within one. Of one core,
    beside a busy server, a niced worker in a session of its own took 1.90 parts of 3.8, then 0.22 of 2.0.
    """
    if niceness == 0:
        return
    os.nice(max(0, niceness - os.nice(0)))  # never nicer than that: a server may be niced itself
    with suppress(OSError), open("/proc/self/autogroup", "w") as group:  # where the kernel has such groups
        group.write(str(niceness))


def _end_with(server: int) -> None:
    while os.getppid() == server:
        time.sleep(LOOK_SECONDS)
    os._exit(0)
