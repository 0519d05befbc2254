"""Rooms that several processes share: one keeps them in its memory, the others ask it through a Unix socket.

A question is a line of JSON, `[method of Rooms, arguments, named ones]`, and its answer another, `[error's name or
"", value or sentence]`: nothing is unpickled, as multiprocessing's managers would. A process has one connection for
all its threads, as each of Streamlit's lives for one answer. Who may open the socket's folder may ask: the user alone
(rooms.together).
"""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, get_type_hints

from pydantic import TypeAdapter, validate_call

from sgd_core.errors import UserError
from sgd_core.rooms.registry import NotTheTeacherError, RoomEndedError, Rooms

PATIENCE = 5.0
"""Seconds for an answer, which takes a tenth of a millisecond: a process that needs longer has stopped."""
LARGEST = 2**21
"""Bytes of a question: whatever a browser may send at once (ui.shell.guard), as JSON, so that Rooms can refuse it."""
GONE = (
    "The process that keeps this server's rooms does not answer. Reload this page in a moment; a lesson goes without."
)


class RoomsGoneError(UserError):
    """The process that keeps the rooms does not answer."""


_ERRORS = {each.__name__: each for each in (UserError, RoomEndedError, NotTheTeacherError)}
_CALLS = {
    name: TypeAdapter(get_type_hints(call)["return"])
    for name, call in inspect.getmembers(Rooms, inspect.isfunction)
    if not name.startswith("_")
}
"""What may be asked for, and what comes back."""


async def keep(place: Path, rooms: Rooms) -> asyncio.Server:
    """Answer whoever asks at this socket, which is made."""
    calls = {name: validate_call(getattr(rooms, name)) for name in _CALLS}

    async def answer(asked: asyncio.StreamReader, told: asyncio.StreamWriter) -> None:
        try:
            while line := await asked.readline():
                told.write(json.dumps(_answered(calls, line), default=asdict).encode() + b"\n")
                await told.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass  # who asked has ended, or this process does
        finally:
            told.close()

    return await asyncio.start_unix_server(answer, place, limit=LARGEST)


def _answered(calls: Mapping[str, Callable[..., Any]], line: bytes) -> tuple[str, Any]:
    name, arguments, named = json.loads(line)
    try:
        return "", calls[name](*arguments, **named)
    except UserError as error:
        return type(error).__name__, str(error)


class SharedRooms(Rooms):
    """The rooms of the process that keeps them at a socket, for one that asks.

    Any thread may call; besides what Rooms raises, every method may raise RoomsGoneError.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._turn = Lock()
        self._socket: socket.socket | None = None
        self._answers: BinaryIO | None = None

    def _ask(self, name: str, arguments: Sequence[object], named: Mapping[str, object]) -> Any:
        line = json.dumps([name, arguments, named], default=asdict).encode() + b"\n"
        if not self._turn.acquire(timeout=PATIENCE):
            raise RoomsGoneError(GONE)
        try:
            error, value = json.loads(self._sent(line))
        finally:
            self._turn.release()
        if error:
            raise _ERRORS[error](value)
        return _CALLS[name].validate_python(value)

    def _sent(self, line: bytes) -> bytes:
        """The answer. Asked once more where the connection had ended: with its process, what that had done is gone."""
        for _ in range(2):
            try:
                if answer := self._connected(line):
                    return answer
            except TimeoutError:
                break
            except OSError:
                pass
            self.close()
        self.close()
        raise RoomsGoneError(GONE)

    def _connected(self, line: bytes) -> bytes:
        if self._socket is None or self._answers is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(PATIENCE)
            self._socket.connect(str(self._place))
            self._answers = self._socket.makefile("rb")
        self._socket.sendall(line)
        return self._answers.readline()

    def close(self) -> None:
        """Let go of the connection; the next question makes another."""
        for each in (self._answers, self._socket):
            if each is not None:
                with suppress(OSError):
                    each.close()
        self._socket = self._answers = None


def _asking(name: str) -> Callable[..., Any]:
    def ask(self: SharedRooms, *arguments: object, **named: object) -> Any:
        return self._ask(name, arguments, named)

    return ask


for _name in _CALLS:
    setattr(SharedRooms, _name, _asking(_name))
