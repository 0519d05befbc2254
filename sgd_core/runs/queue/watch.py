"""What the training processes of this machine run first: be nice, and die with the server that started them.

A server killed with -9 cannot tell anyone. Scheduler and nanny are its children, so each looks every two seconds
whether it still is; Dask's worker ends with its nanny.
"""

from __future__ import annotations

import os
import threading
import time

import click

NICENESS = 10
"""Visitors come first: a niced worker on every core leaves a reader's page its time."""
LOOK_SECONDS = 2.0


@click.command()
@click.argument("server", type=int)
def dask_setup(process: object, server: int) -> None:
    """Dask's preload hook; `server` is the process that these processes must not outlive."""
    if type(process).__name__ != "Scheduler":
        os.nice(max(0, NICENESS - os.nice(0)))  # never nicer than that: a server may be niced itself
    threading.Thread(target=_end_with, args=(server,), name="watch", daemon=True).start()


def _end_with(server: int) -> None:
    while os.getppid() == server:
        time.sleep(LOOK_SECONDS)
    os._exit(0)
