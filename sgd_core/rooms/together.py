"""Several processes of the app and the rooms that they share, as one: what `serve --processes` becomes.

This process keeps the rooms and starts the others, which end with it, even where it is killed. It imports nothing else
of the project: 35 MB, where the command line takes 150.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sgd_core.errors import UserError
from sgd_core.rooms import shared
from sgd_core.rooms.registry import Rooms

SOON = 30.0
"""Seconds: a process that ends is started again, but not where it has ended twice within so many."""
PATIENCE = 10.0
"""Seconds for a process to end by itself."""
_PR_SET_PDEATHSIG = 1


async def run(command: Sequence[str], ports: Sequence[int]) -> None:
    """Keep the command running at each port until this task is cancelled; raises UserError where one does not start."""
    with tempfile.TemporaryDirectory(prefix="sgd-rooms-") as folder:  # this user's alone
        place = Path(folder) / "socket"
        async with await shared.keep(place, Rooms()):
            environment = {**os.environ, "SGD_ROOMS": str(place)}
            kept = [asyncio.create_task(_kept(command, port, environment)) for port in ports]
            try:
                await asyncio.gather(*kept)
            finally:
                for each in kept:
                    each.cancel()
                await asyncio.gather(*kept, return_exceptions=True)


async def _kept(command: Sequence[str], port: int, environment: dict[str, str]) -> None:
    # Linux's: the signal that a process gets when its parent has died
    die_with_parent, this = ctypes.CDLL(None).prctl, os.getpid()

    def first() -> None:
        die_with_parent(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != this:  # it died before that
            os._exit(1)

    early = 0
    while True:
        began = time.monotonic()
        app = await asyncio.create_subprocess_exec(*command, f"--server.port={port}", env=environment, preexec_fn=first)
        try:
            ended = await app.wait()
        finally:
            await _end(app)
        early = early + 1 if time.monotonic() - began < SOON else 0
        if early == 2:
            raise UserError(
                f"The app at port {port} ends soon after its start (exit status {ended}), so all were ended."
            )
        print(f"The app at port {port} ended (exit status {ended}) and is started again.", file=sys.stderr)


async def _end(app: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        app.terminate()
    try:
        await asyncio.wait_for(app.wait(), PATIENCE)
    except TimeoutError:
        app.kill()
        await app.wait()


async def _until_told(command: Sequence[str], ports: Sequence[int]) -> None:
    running = asyncio.create_task(run(command, ports))

    def stop() -> None:
        if not running.cancelling():  # a second signal would leave behind what has not ended yet
            running.cancel()

    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, stop)
    with suppress(asyncio.CancelledError):
        await running


def main() -> None:
    """`python -m sgd_core.rooms.together FIRST_PORT PROCESSES COMMAND...`."""
    first, processes = map(int, sys.argv[1:3])
    try:
        asyncio.run(_until_told(sys.argv[3:], range(first, first + processes)))
    except (UserError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
