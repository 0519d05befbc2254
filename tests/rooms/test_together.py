"""What `serve --processes` becomes, with small processes in the app's place: started, started again, ended together."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.rooms import together
from tests.waiting import wait

APP = """
import os, signal, sys, time
port = sys.argv[-1].partition("=")[2]
{before}
with open(os.path.join({folder!r}, port), "a") as file:
    file.write(f"{{os.getpid()}} {{os.environ['SGD_ROOMS']}}\\n")
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """What a mistake would leave behind ends with the test."""
    yield
    for each in psutil.process_iter(["cmdline"]):
        if "-c" in (words := each.info["cmdline"] or []) and str(tmp_path) in " ".join(words):
            each.kill()


def command(folder: Path, before: str = "") -> list[str]:
    """A process that writes its number into a file of its port's name and stays."""
    return [sys.executable, "-c", APP.format(folder=str(folder), before=before)]


def started(folder: Path, port: int, times: int = 1) -> list[int]:
    """The numbers of the processes that were started at this port."""
    file = folder / str(port)
    wait(lambda: file.exists() and len(file.read_text().splitlines()) >= times, 60)
    return [int(line.split()[0]) for line in file.read_text().splitlines()]


@contextmanager
def two(folder: Path, before: str = "") -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-m", "sgd_core.rooms.together", "7001", "2", *command(folder, before)]
    with subprocess.Popen(words, cwd=settings.ROOT, stderr=subprocess.PIPE) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("before", ["", "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(1), sys.exit()))"])
def test_all_end_together_and_none_is_left(tmp_path: Path, told: signal.Signals, before: str) -> None:
    with two(tmp_path, before) as running:
        apps = [*started(tmp_path, 7001), *started(tmp_path, 7002)]
        places = {file.read_text().split()[1] for file in tmp_path.iterdir()}
        (place,) = map(Path, places)
        assert place.is_socket()
        assert place.parent.stat().st_mode & 0o077 == 0
        running.send_signal(told)
        assert running.communicate(timeout=60)[1] == b""  # read to its end: no process holds it any more
        assert running.returncode == (-signal.SIGKILL if told == signal.SIGKILL else 0)
        wait(lambda: not any(map(psutil.pid_exists, apps)), 60)
        if told != signal.SIGKILL:
            assert not place.parent.exists()
        else:
            place.unlink()
            place.parent.rmdir()


def test_a_process_that_does_not_listen_is_ended_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "PATIENCE", 0.2)

    async def for_a_while() -> None:
        running = asyncio.create_task(
            together.run(command(tmp_path, "signal.signal(signal.SIGTERM, signal.SIG_IGN)"), [7001])
        )
        await asyncio.to_thread(started, tmp_path, 7001)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(for_a_while())
    assert not any(map(psutil.pid_exists, started(tmp_path, 7001)))


def test_one_that_was_killed_is_started_again_beside_the_other(tmp_path: Path) -> None:
    with two(tmp_path) as running:
        first, other = *started(tmp_path, 7001), *started(tmp_path, 7002)
        os.kill(first, signal.SIGKILL)
        again = started(tmp_path, 7001, times=2)[-1]
        assert psutil.pid_exists(other)
        running.terminate()
        _, said = running.communicate(timeout=60)
        assert said.decode() == "The app at port 7001 ended (exit status -9) and is started again.\n"
        assert running.returncode == 0
        assert not any(map(psutil.pid_exists, (again, other)))


def test_one_that_cannot_start_ends_all_in_a_sentence(tmp_path: Path) -> None:
    with two(tmp_path, "if port == '7002': sys.exit(3)") as running:
        _, said = running.communicate(timeout=60)
        assert running.returncode == 1
        assert said.decode().splitlines() == [
            "The app at port 7002 ended (exit status 3) and is started again.",
            "The app at port 7002 ends soon after its start (exit status 3), so all were ended.",
        ]
        file = tmp_path / "7001"  # which may have been ended before it wrote
        assert not file.exists() or not any(map(psutil.pid_exists, started(tmp_path, 7001)))


def test_where_the_first_ending_is_not_soon_any_number_may_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(together, "SOON", 0.0)
    ends = f"count = len(os.listdir({str(tmp_path)!r})); open(os.path.join({str(tmp_path)!r}, f'n{{count}}'), 'w')\n"

    async def for_a_while() -> None:
        running = asyncio.create_task(together.run(command(tmp_path, f"{ends}if count < 3: sys.exit(1)"), [7001]))
        await asyncio.to_thread(started, tmp_path, 7001)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(for_a_while())
    assert capfd.readouterr().err.count("is started again") == 3


def test_what_is_no_program_is_said() -> None:
    with pytest.raises((UserError, OSError), match="No such file"):
        asyncio.run(together.run(["/none"], [7001]))
