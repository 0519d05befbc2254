"""Rooms asked for through a socket: the same answers and the same refusals, and a sentence where nobody answers."""

from __future__ import annotations

import asyncio
import inspect
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sgd_core.errors import UserError
from sgd_core.rooms import registry, shared
from sgd_core.rooms.registry import NotTheTeacherError, Place, RoomEndedError, Rooms
from sgd_core.rooms.shared import GONE, RoomsGoneError, SharedRooms

FIRST, SECOND = Place("short", 1), Place("short", 2)
Keep = Callable[[Rooms], Callable[[], None]]
Ask = Callable[[], SharedRooms]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@pytest.fixture
def ask(place: Path) -> Iterator[Ask]:
    """The rooms at the socket, as one more process has them."""
    asking: list[SharedRooms] = []

    def one_more() -> SharedRooms:
        asking.append(SharedRooms(place))
        return asking[-1]

    yield one_more
    for each in asking:
        each.close()


@pytest.fixture
def keep(place: Path) -> Iterator[Keep]:
    """Keep these rooms at the socket from now on; what comes back ends that."""
    ends: list[Callable[[], None]] = []

    def start(rooms: Rooms) -> Callable[[], None]:
        loop, began = asyncio.new_event_loop(), threading.Event()
        server: asyncio.Server | None = None

        async def begin() -> asyncio.Server:
            server = await shared.keep(place, rooms)
            began.set()
            return server

        async def finish() -> None:
            assert server is not None
            server.close()
            mine = asyncio.current_task()
            others = [task for task in asyncio.all_tasks() if task is not mine]
            for each in others:
                each.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        def run() -> None:
            nonlocal server
            server = loop.run_until_complete(begin())
            loop.run_forever()
            loop.run_until_complete(finish())
            loop.close()

        thread = threading.Thread(target=run)
        thread.start()
        assert began.wait(60)

        def end() -> None:
            if thread.is_alive():
                loop.call_soon_threadsafe(loop.stop)
                thread.join(60)
                place.unlink(missing_ok=True)

        ends.append(end)
        return end

    yield start
    for each in ends:
        each()


def begun(rooms: Rooms) -> tuple[str, str]:
    letters, secret = rooms.open("teacher", Place("short", 1, joining=True))
    rooms.steer(letters, secret, FIRST)
    return letters, secret


def test_what_one_process_asks_is_what_another_has_kept(keep: Keep, ask: Ask) -> None:
    rooms = Rooms()
    keep(rooms)
    teacher, phones = ask(), ask()
    letters, secret = begun(teacher)
    one, two = phones.join(letters, "one"), phones.join(letters, "two", token="made up")
    phones.guess(letters, one, FIRST.question, "[[0,1.5]]")
    phones.guess(letters, two, FIRST.question, "ü")
    assert teacher.guesses(letters, secret) == ["[[0,1.5]]", "ü"] == rooms.guesses(letters, secret)
    assert (teacher.at(letters, secret).answered, teacher.at(letters, secret).phones) == (2, 2)
    teacher.steer(letters, secret, SECOND)
    assert phones.version(letters, one) == 2
    assert phones.seat(letters, one) == rooms.seat(letters, one)
    assert phones.seat(letters, one).place.question == SECOND.question
    assert teacher.at(letters, secret) == rooms.at(letters, secret)
    assert phones.join(letters, "one") == one
    teacher.let_in(letters, secret, "tablet")
    assert phones.secret(letters, "tablet") == secret
    teacher.end(letters, secret)
    assert rooms._rooms == {}


def test_refusals_are_what_they_are_in_one_process(keep: Keep, ask: Ask) -> None:
    keep(Rooms())
    rooms = ask()
    letters, secret = begun(rooms)
    phone = rooms.join(letters, "one")
    with pytest.raises(NotTheTeacherError, match=f"This link does not steer room {letters}"):
        rooms.at(letters, "\ud800")
    with pytest.raises(RoomEndedError, match="There is no room none"):
        rooms.seat("none", phone)
    with pytest.raises(UserError, match="another question") as late:
        rooms.guess(letters, phone, SECOND.question, "0")
    assert type(late.value) is UserError
    with pytest.raises(UserError, match="has 262144 characters, but must have 2000 at most"):
        rooms.guess(letters, phone, FIRST.question, "ü" * 2**18)  # the most that a browser may send
    for _ in range(registry.ROOMS_EACH - 1):
        rooms.open("teacher", FIRST)
    with pytest.raises(UserError, match="You have 3 rooms open"):
        ask().open("teacher", FIRST)
    assert rooms.at(letters, secret).answered == 0


def test_everything_is_asked_for_and_nothing_answered_here() -> None:
    public = {name for name, _ in inspect.getmembers(Rooms, inspect.isfunction) if not name.startswith("_")}
    assert len(public) == 11
    assert public <= vars(SharedRooms).keys()


def test_rooms_that_are_gone_are_said_and_new_ones_are_found(keep: Keep, ask: Ask) -> None:
    rooms = ask()
    with pytest.raises(RoomsGoneError, match="does not answer"):
        rooms.open("teacher", FIRST)
    end = keep(Rooms())
    letters, secret = begun(rooms)
    end()
    with pytest.raises(RoomsGoneError) as gone:
        rooms.at(letters, secret)
    assert str(gone.value) == GONE
    end = keep(Rooms())
    begun(rooms)
    end()
    keep(Rooms())  # started again before anybody asked
    with pytest.raises(RoomEndedError):
        rooms.at(letters, secret)


def test_a_process_that_has_stopped_holds_nobody_for_long(
    place: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "PATIENCE", 0.5)
    rooms = ask()
    with socket.socket(socket.AF_UNIX) as stopped, ThreadPoolExecutor(60) as pool:
        stopped.bind(str(place))
        stopped.listen()
        began = time.monotonic()
        for each in [pool.submit(rooms.open, "teacher", FIRST) for _ in range(60)]:
            with pytest.raises(RoomsGoneError):
                each.result()
        assert 0.5 <= time.monotonic() - began < 15  # one after the other it would be 30


def test_three_hundred_phones_answer_from_twenty_threads_of_two_processes(keep: Keep, ask: Ask) -> None:
    keep(Rooms())
    asking = [ask(), ask()]
    letters, secret = begun(asking[0])

    def phones(thread: int) -> None:
        rooms = asking[thread % 2]
        for number in range(15):
            token = rooms.join(letters, f"phone {thread} {number}")
            rooms.guess(letters, token, FIRST.question, str(15 * thread + number))
            assert rooms.seat(letters, token).guess == str(15 * thread + number)

    with ThreadPoolExecutor(20) as pool:
        for future in [pool.submit(phones, thread) for thread in range(20)]:
            future.result()
    assert sorted(map(int, asking[1].guesses(letters, secret))) == list(range(300))


def test_it_ends_without_a_word_though_a_process_is_connected(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def connected() -> None:
        place, mine = tmp_path / "rooms", asyncio.current_task()
        server = await shared.keep(place, Rooms())
        _, told = await asyncio.open_unix_connection(place)
        await asyncio.sleep(0.1)
        for task in asyncio.all_tasks() - {mine}:  # as asyncio.run does at its end
            task.cancel()
        await asyncio.sleep(0.1)
        told.close()
        await told.wait_closed()
        server.close()
        await server.wait_closed()

    asyncio.run(connected())
    assert caplog.text == ""
