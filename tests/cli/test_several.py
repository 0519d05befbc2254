"""Several processes behind a proxy: deploy/Caddyfile as it is, a real Caddy, real processes, real websockets."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import yaml
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from sgd_core import settings
from tests.app.test_room import LESSON
from tests.waiting import wait
from tools import server
from tools.room import GUESS, Screen

DEPLOY = settings.ROOT / "deploy"
CADDY = shutil.which("caddy")


@dataclass(frozen=True)
class Proxied:
    """The proxy, the processes behind it, and the process that keeps their rooms."""

    url: str
    behind: list[str]
    keeper: int

    def cookie(self, number: int) -> str:
        """What keeps a visitor at one of the processes, as Caddy makes it."""
        at = self.behind[number].removeprefix("http://")
        return f"lab={hmac.new(b'', at.encode(), hashlib.sha256).hexdigest()}"

    def process(self, number: int) -> psutil.Process:
        port = f"--server.port={self.behind[number].rpartition(':')[2]}"
        (found,) = (each for each in psutil.Process(self.keeper).children() if port in each.cmdline())
        return found


class Browser(Screen):
    """A screen with the cookie that it was given, or has got."""

    def __init__(self, at: Proxied, query: str, cookie: str, closing: ExitStack) -> None:
        super().__init__(at.url, query)
        self._cookie, self._closing = cookie, closing

    async def open(self) -> None:
        asked = HTTPRequest(self._address, headers={"Cookie": self._cookie})
        self._socket = await websocket_connect(asked, subprotocols=["streamlit"], max_message_size=2**28)
        self._closing.callback(self.close)
        await self._run()


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    if CADDY is None:
        pytest.skip("Caddy is not installed: apt-get install caddy")
    place = tmp_path_factory.mktemp("several")
    (place / "votes.yaml").write_text(LESSON, encoding="utf-8")
    environment = {
        "SGD_LESSONS": str(place), "SGD_PUBLISHED_DIR": str(place / "none"), "SGD_CACHE_DIR": str(place / "cache"),
    }  # fmt: skip
    with server.together(2, environment) as (behind, keeper), (place / "log").open("wb") as log:
        url = f"http://127.0.0.1:{server.free_ports(1)}"
        told = {
            **os.environ, "HOME": str(place), "LAB_HOST": url,
            "LAB_AT": " ".join(each.removeprefix("http://") for each in behind),
        }  # fmt: skip
        # Without idle connections, which would be counted as screens, or become one: the recipe but for this line.
        recipe = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
        policy = "lb_policy cookie lab\n"
        assert policy in recipe
        own = place / "Caddyfile"
        own.write_text(recipe.replace(policy, f"{policy}transport http {{\nkeepalive off\n}}\n"), encoding="utf-8")
        words = [CADDY, "run", "--config", str(own)]
        proxy = subprocess.Popen(words, env=told, stdout=log, stderr=log)
        try:
            wait(lambda: proxy.poll() is not None or server.healthy(url), 60)
            assert proxy.poll() is None, (place / "log").read_text()
            yield Proxied(url, behind, keeper)
        finally:
            proxy.terminate()
            proxy.wait(60)


def sessions(process: psutil.Process) -> int:
    """Connections from without that this process has."""
    port = int(process.cmdline()[-1].rpartition("=")[2])
    return sum(each.laddr.port == port and each.status == "ESTABLISHED" for each in process.net_connections())


def test_a_visitor_is_kept_at_the_process_that_answered_first(proxied: Proxied) -> None:
    with urllib.request.urlopen(proxied.url, timeout=60) as answer:
        given = answer.headers.get_all("Set-Cookie")
    known = [proxied.cookie(0), proxied.cookie(1)]
    assert sum(any(each.startswith(cookie) for each in given) for cookie in known) == 1
    for cookie in known:
        for _ in range(5):
            asked = urllib.request.Request(proxied.url, headers={"Cookie": cookie})
            with urllib.request.urlopen(asked, timeout=60) as answer:
                again = [each for each in answer.headers.get_all("Set-Cookie", []) if each.startswith("lab=")]
            assert all(each.startswith(cookie) for each in again)


def test_a_class_in_two_processes_is_one_room_which_outlives_one_of_them(proxied: Proxied) -> None:
    async def held() -> None:
        with ExitStack() as closing:
            await asyncio.wait_for(
                _a_class(proxied, lambda query, cookie: Browser(proxied, query, cookie, closing)), 300
            )

    asyncio.run(held())


async def _a_class(proxied: Proxied, browser: Callable[[str, str], Browser]) -> None:
    first, other = proxied.process(0), proxied.process(1)
    idle = [sessions(each) for each in (first, other)]
    teacher = browser("lesson=votes&step=1", proxied.cookie(0))
    await teacher.open()
    await teacher.press("Open a room")
    found = re.search(r"room=(\w+)", teacher.query)
    assert found is not None, teacher.said
    phones = [browser(f"room={found[1]}", proxied.cookie(number)) for number in (1, 1, 0)]
    for phone in phones:
        await phone.open()
    # each process has the screens whose cookies name it
    assert [sessions(each) - before for each, before in zip((first, other), idle, strict=True)] == [2, 2]
    await teacher.press("Begin")
    for phone in phones:
        await _until(phone, GUESS)
    assert "0 of 3 have answered" in await _count(teacher)
    await phones[0].choose(GUESS, 2)
    await phones[2].choose(GUESS, 1)
    assert "2 of 3 have answered" in await _count(teacher)

    token = re.search(r"phone=[\w-]+", phones[0].query)
    assert token is not None
    os.kill(other.pid, signal.SIGKILL)
    back = browser(f"room={found[1]}&{token[0]}", proxied.cookie(1))
    await back.open()  # its process is gone: the other answers, and knows the phone
    assert any(said.startswith("Sent.") for said in back.shown), back.shown
    await back.choose(GUESS, 0)
    assert "2 of 3 have answered" in await _count(teacher)
    await teacher.press("Show guesses")
    await back._run()
    assert any("All guesses are on the screen" in said for said in back.shown), back.shown
    wait(lambda: server.healthy(proxied.behind[1]), 120)  # started again
    assert proxied.process(1).pid != other.pid
    late = browser(f"room={found[1]}", proxied.cookie(1))
    await late.open()
    assert "Where will it end?" in late.shown


async def _until(phone: Browser, label: str) -> None:
    """Look as a phone looks, until it asks."""
    for _ in range(60):
        await phone._run(next(iter(phone._polls), ""))
        if phone.asks(label):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(phone.shown)


async def _count(teacher: Browser) -> str:
    await teacher._run()
    return " ".join(teacher.shown)


def test_the_compose_file_names_as_many_processes_as_it_starts() -> None:
    services = yaml.safe_load((DEPLOY / "several.yaml").read_text(encoding="utf-8"))["services"]
    words = services["lab"]["command"]
    processes = int(words[words.index("--processes") + 1])
    ports = range(8501, 8501 + processes)  # serve's, as the container starts it
    assert services["proxy"]["environment"]["LAB_AT"] == " ".join(f"lab:{port}" for port in ports)
    assert services["proxy"]["volumes"] == ["./Caddyfile:/etc/caddy/Caddyfile:ro"]  # from the first file's folder
    assert services["proxy"]["command"][-1] == "/etc/caddy/Caddyfile"
    base = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert services.keys() <= base.keys()
    assert base["lab"]["mem_limit"] == "2g"
    assert Path(services["proxy"]["volumes"][0].split(":")[0]).name in {each.name for each in DEPLOY.iterdir()}
