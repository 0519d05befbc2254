"""`serve` and what stands before Streamlit: a real server on this machine, asked as a stranger would ask it."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from sgd_core import settings
from sgd_core.cli import serve
from sgd_core.cli.serve import HERE
from sgd_core.errors import UserError
from sgd_core.rooms import address
from sgd_core.runs import mode
from sgd_core.ui.shell import guard, streamlit_private
from tests.cli.conftest import Command
from tests.waiting import PATIENCE, wait

NAME = "lab.example.org"
PAGE = "Words"
"""One that is drawn quickly."""


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of what `serve --explore --host lab.example.org` starts."""
    place = tmp_path_factory.mktemp("hosted")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "sgd_core", "serve", "--explore", "--host", NAME, "--port", str(port)]
    env = {
        **os.environ, "SGD_CACHE_DIR": str(place), "SGD_PUBLISHED_DIR": str(place / "none"),
        "STREAMLIT_SERVER_HEADLESS": "true",
    }  # fmt: skip
    log = place / "log"
    with log.open("wb") as told:
        server = subprocess.Popen(
            command, cwd=settings.ROOT, env=env, stdout=told, stderr=told, preexec_fn=with_few_files
        )
    try:
        wait(lambda: server.poll() is not None or answer(f"127.0.0.1:{port}/_stcore/health")[0] == 200)
        assert server.poll() is None, log.read_text()
        assert psutil.Process(server.pid).rlimit(psutil.RLIMIT_NOFILE)[0] == min(HARD, guard.MOST_FILES)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)
    assert "Traceback" not in log.read_text()


HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def with_few_files() -> None:
    """For Popen's preexec_fn: a system whose limit on open files is a low one, which may be raised."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, HARD))


def test_few_open_files_are_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    for hard, said in ((1024, "1024 files open, connections among them: visitors beyond about 256"), (65_536, "")):
        monkeypatch.setattr(resource, "getrlimit", lambda _what, hard=hard: (256, hard))
        monkeypatch.setattr(resource, "setrlimit", lambda _what, _limits: None)
        caplog.clear()

        async def start() -> None:
            async with guard.serving(None):
                pass

        asyncio.run(start())
        assert said in caplog.text
        assert bool(caplog.text) == bool(said)


def answer(place: str, **more: Any) -> tuple[int, str]:
    """Status and text; 0 where nobody listens."""
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://{place}", **more), timeout=30) as told:
            return told.status, told.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def asked(query: str = "") -> bytes:
    return streamlit_private.asked(PAGE, query, [])


LARGE = "present=true"


def told(hosted: str, *messages: bytes, name: str = "localhost") -> str:
    """All that the server says to the last of a visitor's messages, each sent once the one before was answered."""

    async def visit() -> list[Any]:
        headers = {"Host": name, "Origin": f"https://{name}"}
        request = HTTPRequest(f"ws://{hosted}/_stcore/stream", headers=headers)
        line = await websocket_connect(request, subprotocols=["streamlit"], max_message_size=2**28)
        said: list[Any] = []
        for message in messages:
            await line.write_message(message, binary=True)
            if len(message) > guard.LARGEST_MESSAGE or BackMsg.FromString(message).WhichOneof("type") != "rerun_script":
                continue
            said.clear()
            while not said or said[-1].WhichOneof("type") != "script_finished":
                content = await line.read_message()
                assert isinstance(content, bytes)
                said.append(streamlit_private.told(content))
        line.close()
        line.stream.close()  # or the loop's end would leave it open
        return said

    return "\n".join(map(str, asyncio.run(asyncio.wait_for(visit(), PATIENCE))))


def is_large(said: str) -> bool:
    """Whether a page was drawn in presentation size."""
    return "h1 { font-size: 2.8rem; }" in said


def test_a_page_is_shown_under_each_name_it_was_given(hosted: str) -> None:
    for name in (NAME, "localhost", "127.0.0.1"):
        assert "The words of this app" in told(hosted, asked(), name=name), name


def test_a_foreign_name_that_leads_here_drives_nothing(hosted: str) -> None:
    """As a page does whose name was first its own server's, then 127.0.0.1: DNS rebinding."""
    with pytest.raises(HTTPClientError, match="403"):
        told(hosted, asked(), name="evil.example")


def test_a_page_asked_for_by_a_foreign_name_is_a_sentence(hosted: str) -> None:
    status, said = answer(f"{hosted}/Words", headers={"Host": "evil.example"})
    assert status == 403
    assert said.startswith("This app does not answer to the name 'evil.example'. Open it by the name")
    assert answer(f"{hosted}/Words", headers={"Host": f"{NAME}:8443"})[0] == 200
    assert answer(f"{hosted}/_stcore/health", headers={"Host": "10.0.0.7"})[0] == 200, "a proxy asks by any name"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lab.example.org", "lab.example.org"), ("https://Lab.Example.org/Lesson", "lab.example.org"),
        ("lab.example.org:8443", "lab.example.org"), ("192.168.1.5:8501", "192.168.1.5"),
        ("*.b.example", "*.b.example"),
        ("http://[fe80::1]:8501", "fe80::1"), ("*", "*"),
    ],
)  # fmt: skip
def test_a_name_is_taken_out_of_what_a_browser_shows(text: str, name: str) -> None:
    assert serve.name_in(text) == name


@pytest.mark.parametrize("text", ["", "https://", "two names", "a,b", "http://[fe80::1", "-"])
def test_what_is_no_name_is_said(text: str) -> None:
    with pytest.raises(UserError, match=r"--host is .* but must be a name or an address, such as lab\.example\.org"):
        serve.name_in(text)


def test_nobody_listens_where_hosting_was_not_asked_for(hosted: str) -> None:
    own = address.of_this_machine()
    if not own:
        pytest.skip("this machine has no address but its own")
    port = hosted.partition(":")[2]
    assert answer(f"{own}:{port}/_stcore/health") == (0, "")
    assert answer(f"{hosted}/_stcore/health")[0] == 200


def test_no_file_is_taken_where_nothing_is_imported(hosted: str) -> None:
    """Streamlit takes 200 MB each, from whoever has a page open, and keeps them."""
    place = f"{hosted}/_stcore/upload_file/session/file"
    assert answer(place, data=b"x", method="PUT") == (403, "No files are taken here.")


def test_metrics_are_not_public(hosted: str) -> None:
    assert answer(f"{hosted}/_stcore/metrics") == (403, "Metrics are not public.")


def test_no_visitor_clears_what_is_cached_for_all(hosted: str) -> None:
    """His own state would go with the caches, and with it the size that his link asked for."""
    clear = BackMsg()
    clear.clear_cache = True
    assert not is_large(told(hosted, asked()))
    assert is_large(told(hosted, asked(LARGE), asked()))
    assert is_large(told(hosted, asked(LARGE), clear.SerializeToString(), asked()))


def test_a_message_without_end_is_left_unread(hosted: str) -> None:
    long = asked(f"{LARGE}&find={'word+' * 2**18}")
    assert not is_large(told(hosted, long, asked()))
    assert guard.taken(b"no message at all")


def test_a_lab_takes_files_of_20_mb_from_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mode, "why_explore", lambda: None)
    assert guard.refused("/_stcore/upload_file/session/file") == ""
    assert st.get_option("server.maxUploadSize") == 20
    assert address.only_here(f"http://{st.get_option('server.address')}")
    assert st.get_option("server.allowedHosts") == list(HERE)


@pytest.mark.parametrize(
    ("words", "listens", "names"),
    [
        ([], "127.0.0.1", []),
        (["--network"], "0.0.0.0", ["192.168.1.7", "desk", "desk.local"]),
        (["--host", "a.example", "--host", "*.b.example"], "127.0.0.1", ["a.example", "*.b.example"]),
    ],
)
def test_what_is_asked_for_by_name(
    command: Command, monkeypatch: pytest.MonkeyPatch, words: list[str], listens: str, names: list[str]
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda _file, words, _environment: started.append(words))
    monkeypatch.setattr(socket, "gethostname", lambda: "Desk")
    monkeypatch.setattr(address, "of_this_machine", lambda: "192.168.1.7")
    monkeypatch.chdir(settings.ROOT)
    said = command("serve", *words)
    assert said.code == 0
    assert [word for word in started[0] if "address" in word] == [f"--server.address={listens}"]
    allowed = ["localhost", "127.0.0.1", "::1", *names]
    assert [word for word in started[0] if "Hosts" in word] == [f"--server.allowedHosts={name}" for name in allowed]
    assert ("may train" in said.err) == bool(words)


def test_several_processes_are_one_that_keeps_their_rooms_and_trains_nothing(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _file, words, environment: started.append((words, environment)))
    monkeypatch.chdir(settings.ROOT)
    said = command("serve", "--explore", "--processes", "3", "--port", "9001")
    assert said.code == 0
    assert said.out == "3 processes at ports 9001 to 9003, for a proxy that keeps a visitor at one of them.\n"
    ((words, environment),) = started
    together = ["-m", "sgd_core.rooms.together", "9001", "3", sys.executable, "-m", "streamlit", "run", "app.py"]
    assert words[1:10] == together
    assert not any("server.port" in word for word in words)
    assert "--server.headless=true" in words
    assert environment["SGD_MODE"] == "explore"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--processes", "2"], "--processes is 2, but one process at most may train: add --explore."),
        (
            ["--explore", "--processes", "4", "--port", "65533"],
            "--port is 65533, but must be 65532 at most with --processes 4.",
        ),
    ],
)
def test_several_processes_that_cannot_be(
    command: Command, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("started"))
    told = command("serve", *words)
    assert told.code == 1
    assert told.err.strip() == said
