"""Memory that visitors leave behind is given back.

Streamlit keeps a session for two minutes after its browser has left, in case it comes back, but lets go of it only when
another one leaves; its parts refer to each other, and garbage is not collected after reruns (.streamlit/config.toml);
and the C library keeps what is freed: in arenas of as many threads as ran at once, and, once a table of megabytes was
freed, all smaller tables too, between what is still held. With 60 visitors on all pages that were 505 MB, of which 195
were free and could not be given back; with few arenas and a fixed limit 425, and 21.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Callable
from contextlib import suppress

import pyarrow as pa

from sgd_core.ui.shell import streamlit_private

EVERY = 60.0
"""Seconds between two looks; what follows one that finds something keeps everybody waiting for 0.3 s."""
ARENAS = 2
"""Of the C library; its default is eight a core."""
LARGE = 2**20
"""Bytes of what is asked of the system by itself, and given back when it is freed. The C library begins with 128 kB,
which costs simulations a tenth more, and raises it to 32 MB by itself unless it is set."""
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3


async def keep_house(every: float = EVERY) -> None:
    """Let go of sessions whose time is over, again and again, and give back what they held."""
    while True:
        await asyncio.sleep(every)
        if streamlit_private.forget_sessions():
            await asyncio.to_thread(give_back)


def give_back() -> None:
    """Free what nobody holds any more, and return it to the system."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if trim := _of_c("malloc_trim"):
        trim(0)


def keep_little() -> None:
    """Have the C library keep little of what is freed, and Arrow ask it for memory; before there are threads.

    Arrow's own allocator keeps pages for each thread, which nothing gives back: 30 MB after the first table was read.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    if set_to := _of_c("mallopt"):
        set_to(_M_ARENA_MAX, ARENAS)
        set_to(_M_MMAP_THRESHOLD, LARGE)


def _of_c(name: str) -> Callable[..., int] | None:
    """A function of glibc; None under another C library."""
    with suppress(OSError, AttributeError):
        function: Callable[..., int] = getattr(ctypes.CDLL(None), name)
        return function
    return None
