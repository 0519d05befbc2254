"""What stands between the network and Streamlit: what no browser of this app ever asks for is refused.

Streamlit takes files from whoever opened a page, though no page there may have an uploader, clears the caches of all
visitors for any of them, reads a message of any size, and tells everybody its metrics.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sgd_core.runs import mode
from sgd_core.ui.shell import housekeeping, streamlit_private

LARGEST_MESSAGE = 2**18
"""Bytes of what a browser sends at once: a page's controls and its address are some thousand."""

LONGEST_NAME = 80
"""Characters of a foreign name that are repeated."""

FEW_FILES, MOST_FILES = 2048, 65_536
"""Open files: fewer than the first are said, more than the second are not asked for. A visitor takes up to four."""

PATIENCE = 20.0
"""Seconds that a script of a public server may run before another runs beside it."""

_LOG = logging.getLogger(__name__)


class Guard:
    """An ASGI middleware before all of Streamlit's own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            reason = refused(scope["path"]) or foreign(scope["path"], Headers(scope=scope).get("host"))
            if reason:
                await PlainTextResponse(reason, 403)(scope, receive, send)
                return
        await self._app(scope, _sifted(receive) if scope["type"] == "websocket" else receive, send)


def refused(path: str) -> str:
    """Why nothing is served at this path, or ''."""
    if streamlit_private.METRICS in path:
        return "Metrics are not public."
    if streamlit_private.UPLOADS in path and mode.why_explore() is not None:
        return "No files are taken here."
    return ""


def foreign(path: str, host: str | None) -> str:
    """Why no page is shown under this name, or ''. Streamlit would show grey bars for good, as nothing may connect."""
    if path.startswith(streamlit_private.OWN) or streamlit_private.answers_to(host):
        return ""
    return (
        f"This app does not answer to the name {(host or '')[:LONGEST_NAME]!r}. Open it by the name that it was "
        "started for, or add `--host` and this one to the command that it was started with."
    )


def taken(content: bytes) -> bool:
    """Whether a browser's message is passed on."""
    return len(content) <= LARGEST_MESSAGE and not streamlit_private.clears_caches(content)


def _sifted(receive: Receive) -> Receive:
    async def next_one() -> Message:
        while True:
            message = await receive()
            content = message.get("bytes")
            if content is None or taken(content):
                return message
            _LOG.warning("A message of %d bytes was left unread.", len(content))

    return next_one


MIDDLEWARE = [Middleware(Guard)]


@asynccontextmanager
async def serving(_app: Any) -> AsyncIterator[None]:
    """What is done as the server starts."""
    files = allow_files()
    if files < FEW_FILES:
        _LOG.warning(
            "The system lets this app have %d files open, connections among them: visitors beyond about %d are turned "
            "away. `ulimit -Hn` says and sets how many there may be.", files, files // 4,
        )  # fmt: skip
    housekeeping.keep_little()
    if mode.why_explore() is not None:  # in lab mode scripts wait for processes that train and read files
        streamlit_private.one_at_a_time(PATIENCE)
    house = asyncio.create_task(housekeeping.keep_house())
    try:
        yield
    finally:
        house.cancel()


def allow_files() -> int:
    """Let this process have as many open files as it may: 254 visitors met the usual 1024. How many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if wanted > soft != resource.RLIM_INFINITY:
        with suppress(ValueError, OSError):  # not every system lets it
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted
    return MOST_FILES if soft == resource.RLIM_INFINITY else soft
