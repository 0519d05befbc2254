"""Memory is given back: sessions end when their time is over, threads share arenas, freed pages go to the system."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from sgd_core.ui.shell import housekeeping, streamlit_private

ARENAS = """
import ctypes, sys, threading
from sgd_core.ui.shell import housekeeping

if "few" in sys.argv:
    housekeeping.keep_little()
every = threading.Barrier(24)

def work() -> None:
    every.wait()
    libc.free(libc.malloc(1000))
    every.wait()

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
threads = [threading.Thread(target=work) for _ in range(24)]
[each.start() for each in threads]
[each.join() for each in threads]
libc.malloc_stats()
"""


FREED = """
import sys
import numpy as np
import psutil
from sgd_core.ui.shell import housekeeping

if "few" in sys.argv:
    housekeeping.keep_little()
of = psutil.Process()
np.ones(20 * 2**20, dtype=np.uint8)
before = of.memory_info().rss
tables, held = [], []
for _ in range(100):
    tables.append(np.ones(2**20, dtype=np.uint8))
    held.append(np.ones(2000, dtype=np.uint8))
tables.clear()
print((of.memory_info().rss - before) / 2**20)
"""


class Session:
    def __init__(self, name: str) -> None:
        self.id, self.ended = name, 0

    def shutdown(self) -> None:
        self.ended += 1


def stored(monkeypatch: pytest.MonkeyPatch, ttl: float, *sessions: Any) -> MemorySessionStorage:
    """Streamlit's own storage, with sessions whose browsers have left."""
    storage = MemorySessionStorage(ttl_seconds=ttl)  # type: ignore[arg-type]
    for session in sessions:
        storage.save(SessionInfo(client=None, session=session, script_run_count=1))
    nothing: Any = None
    manager = WebsocketSessionManager(storage, nothing, nothing, None)
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(_session_mgr=manager))
    return storage


def test_a_session_whose_time_is_over_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Session("one"), Session("other")
    stored(monkeypatch, 0.05, one, other)
    time.sleep(0.1)
    assert streamlit_private.forget_sessions() == 2
    assert (one.ended, other.ended) == (1, 1)
    assert streamlit_private.forget_sessions() == 0


def test_a_session_that_may_still_come_back_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Session("one")
    storage = stored(monkeypatch, 60, one)
    assert streamlit_private.forget_sessions() == 0
    assert one.ended == 0
    assert storage.get("one") is not None


def test_without_a_server_there_is_nothing_to_forget() -> None:
    assert streamlit_private.forget_sessions() == 0


def test_memory_is_given_back_when_sessions_have_ended_and_not_else(monkeypatch: pytest.MonkeyPatch) -> None:
    gone, given = iter([0, 3, 0, 0]), []
    monkeypatch.setattr(streamlit_private, "forget_sessions", lambda: next(gone))
    monkeypatch.setattr(housekeeping, "give_back", lambda: given.append(1))
    with pytest.raises(RuntimeError):  # the last look has no number any more
        asyncio.run(housekeeping.keep_house(0.001))
    assert given == [1]


def test_garbage_that_refers_to_itself_is_freed() -> None:
    class Ring:
        alive = 0

        def __init__(self) -> None:
            Ring.alive += 1
            self.itself = self

        def __del__(self) -> None:
            Ring.alive -= 1

    for _ in range(10):
        Ring()
    housekeeping.give_back()
    assert Ring.alive == 0


def test_arrow_takes_its_memory_where_it_is_given_back() -> None:
    script = "import pyarrow as pa; from sgd_core.ui.shell import housekeeping; housekeeping.keep_little(); "
    command = [sys.executable, "-c", script + "print(pa.default_memory_pool().backend_name)"]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=200).stdout.strip() == "system"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="arenas are glibc's")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="settings of glibc")
def test_what_is_freed_goes_back_to_the_system() -> None:
    """A freed table of 20 MB has the C library keep all that are smaller, also where little is held between them."""

    def kept(*arguments: str) -> float:
        command = [sys.executable, "-c", FREED, *arguments]
        return float(subprocess.run(command, capture_output=True, text=True, check=True, timeout=200).stdout)

    if kept() < 50:
        pytest.skip("this C library keeps nothing")
    assert kept("few") < 10


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="arenas are glibc's")
def test_threads_share_few_arenas() -> None:
    def arenas(*arguments: str) -> int:
        command = [sys.executable, "-c", ARENAS, *arguments]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=200).stderr
        return len(re.findall(r"^Arena \d+:", said, re.MULTILINE))

    if not arenas():
        pytest.skip("this C library tells no arenas")
    assert 1 <= arenas("few") <= housekeeping.ARENAS < arenas()
