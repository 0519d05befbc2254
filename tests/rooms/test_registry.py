"""Rooms without a page: who may do what, what is refused in which words, what is forgotten, and many phones at once."""

from __future__ import annotations

import hmac
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sgd_core.errors import UserError
from sgd_core.rooms import registry
from sgd_core.rooms.registry import TEACHERS, NotTheTeacherError, Place, RoomEndedError, Rooms, as_letters

FIRST, SECOND = Place("short", 1), Place("short", 2)


class Clock:
    """A clock that stands until it is put on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def opened(place: Place = FIRST, clock: Clock | None = None) -> tuple[Rooms, str, str]:
    """A room that has begun, its letters and its secret."""
    rooms = Rooms(clock or Clock())
    letters, secret = rooms.open("teacher", Place(place.lesson, place.step, joining=True))
    rooms.steer(letters, secret, place)
    return rooms, letters, secret


def test_a_room_has_four_letters_that_cannot_be_mistaken_and_a_secret_that_cannot_be_guessed() -> None:
    rooms = Rooms()
    made = [rooms.open(f"teacher {number}", FIRST) for number in range(registry.ROOMS)]
    assert len({letters for letters, _ in made}) == registry.ROOMS
    for letters, secret in made:
        assert len(letters) == 4
        assert not set(letters) & set("AEIOUYLQ0123456789")
        assert len(secret) >= 32


def test_a_guess_is_counted_once_a_phone_and_a_new_one_takes_its_place() -> None:
    rooms, letters, secret = opened()
    one, two = rooms.join(letters, "one"), rooms.join(letters, "two")
    assert one != two
    rooms.guess(letters, one, FIRST.question, "0")
    rooms.guess(letters, one, FIRST.question, "2")
    seen = rooms.at(letters, secret)
    assert (seen.answered, seen.phones) == (1, 2)
    rooms.guess(letters, two, FIRST.question, "1")
    assert rooms.guesses(letters, secret) == ["2", "1"]
    assert rooms.seat(letters, one).guess == "2"


def test_each_question_has_guesses_of_its_own_and_they_are_there_when_it_comes_back() -> None:
    rooms, letters, secret = opened()
    phone = rooms.join(letters, "one")
    rooms.guess(letters, phone, FIRST.question, "0")
    rooms.steer(letters, secret, SECOND)
    assert rooms.guesses(letters, secret) == []
    assert rooms.seat(letters, phone).guess is None
    rooms.steer(letters, secret, FIRST)
    assert rooms.guesses(letters, secret) == ["0"]
    assert rooms.seat(letters, phone).guess == "0"


def test_a_phone_that_comes_back_is_known_by_its_token_or_its_browser() -> None:
    rooms, letters, _ = opened()
    phone = rooms.join(letters, "one")
    rooms.guess(letters, phone, FIRST.question, "1")
    assert rooms.join(letters, "one") == phone
    assert rooms.join(letters, "a new session", phone) == phone
    assert rooms.join(letters, "another", "made up") not in ("made up", phone)


def test_guesses_wait_for_the_first_question_and_end_with_the_reveal() -> None:
    rooms = Rooms(Clock())
    letters, secret = rooms.open("teacher", Place("short", 1, joining=True))
    phone = rooms.join(letters, "one")
    assert not rooms.seat(letters, phone).begun
    with pytest.raises(UserError, match="came too late"):
        rooms.guess(letters, phone, FIRST.question, "0")
    rooms.steer(letters, secret, FIRST)
    rooms.guess(letters, phone, FIRST.question, "0")

    rooms.steer(letters, secret, Place("short", 1, guesses=True))
    with pytest.raises(UserError, match="came too late: the guesses are on the screen"):
        rooms.guess(letters, phone, FIRST.question, "1")
    rooms.steer(letters, secret, FIRST)  # covered again before the truth was seen
    rooms.guess(letters, phone, FIRST.question, "1")

    rooms.steer(letters, secret, Place("short", 1, presses=1))
    rooms.steer(letters, secret, FIRST)  # covered again, but known by now
    assert not rooms.seat(letters, phone).takes_guesses
    assert rooms.seat(letters, phone).revealed
    with pytest.raises(UserError, match="came too late"):
        rooms.guess(letters, phone, FIRST.question, "2")
    with pytest.raises(UserError, match="at another question"):
        rooms.guess(letters, phone, SECOND.question, "2")
    assert rooms.guesses(letters, secret) == ["1"]


def test_the_code_shown_once_more_stops_no_guess() -> None:
    rooms, letters, secret = opened()
    phone = rooms.join(letters, "one")
    rooms.steer(letters, secret, Place("short", 1, joining=True))
    rooms.guess(letters, phone, FIRST.question, "0")
    assert rooms.seat(letters, phone).begun


def test_the_version_changes_with_every_step_and_with_nothing_else() -> None:
    rooms, letters, secret = opened()
    phone = rooms.join(letters, "one")
    before = rooms.version(letters, phone)
    rooms.guess(letters, phone, FIRST.question, "0")
    rooms.join(letters, "two")
    rooms.steer(letters, secret, FIRST)
    assert rooms.version(letters, phone) == before
    rooms.steer(letters, secret, SECOND)
    assert rooms.version(letters, phone) == before + 1 == rooms.seat(letters, phone).version


@pytest.mark.parametrize("wrong", ["", "x", "ü" * 32, "\ud800"])
def test_only_the_secret_steers(wrong: str) -> None:
    rooms, letters, secret = opened()
    acts = (
        lambda: rooms.at(letters, wrong), lambda: rooms.steer(letters, wrong, SECOND),
        lambda: rooms.guesses(letters, wrong), lambda: rooms.end(letters, wrong),
    )  # fmt: skip
    for act in acts:
        with pytest.raises(NotTheTeacherError, match=f"This link does not steer room {letters}"):
            act()
    assert rooms.at(letters, secret).place == FIRST


def test_the_secret_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    rooms, letters, secret = opened()
    monkeypatch.setattr(hmac, "compare_digest", compare)
    rooms.at(letters, secret)
    with pytest.raises(NotTheTeacherError):
        rooms.at(letters, secret[:-1])
    assert compared == [(secret.encode(), secret.encode()), (secret.encode(), secret[:-1].encode())]


def test_a_room_that_was_ended_is_forgotten() -> None:
    rooms, letters, secret = opened()
    phone = rooms.join(letters, "one")
    rooms.end(letters, secret)
    acts = (
        lambda: rooms.at(letters, secret), lambda: rooms.join(letters, "one", phone),
        lambda: rooms.version(letters, phone), lambda: rooms.guess(letters, phone, FIRST.question, "0"),
    )  # fmt: skip
    for act in acts:
        with pytest.raises(RoomEndedError, match=f"There is no room {letters}"):
            act()
    assert rooms._rooms == {}


def test_a_room_ends_three_hours_after_its_opening_whatever_happens_in_it() -> None:
    clock = Clock()
    rooms, letters, secret = opened(clock=clock)
    clock.now += 3 * 3600 - 1
    phone = rooms.join(letters, "one")
    clock.now += 1
    with pytest.raises(RoomEndedError):
        rooms.seat(letters, phone)
    with pytest.raises(RoomEndedError):
        rooms.at(letters, secret)
    assert rooms._rooms == {}


def test_rooms_in_all_and_of_one_visitor_are_limited_until_one_ends() -> None:
    clock = Clock()
    rooms = Rooms(clock)
    own = [rooms.open("me", FIRST) for _ in range(registry.ROOMS_EACH)]
    with pytest.raises(UserError, match="You have 3 rooms open"):
        rooms.open("me", FIRST)
    rooms.end(*own[0])
    rooms.open("me", FIRST)
    for number in range(registry.ROOMS - registry.ROOMS_EACH):
        rooms.open(f"teacher {number}", FIRST)
    with pytest.raises(UserError, match="All 20 rooms of this server are taken"):
        rooms.open("another", FIRST)
    clock.now += registry.LIFE
    rooms.open("another", FIRST)
    assert len(rooms._rooms) == 1


def test_a_room_holds_three_hundred_phones_and_says_when_it_is_full() -> None:
    rooms, letters, _ = opened()
    tokens = {rooms.join(letters, f"phone {number}") for number in range(300)}
    assert len(tokens) == 300
    with pytest.raises(UserError, match=f"Room {letters} is full: 300 phones are in it"):
        rooms.join(letters, "one more")
    assert rooms.join(letters, "phone 7") in tokens


def test_a_message_is_limited() -> None:
    rooms, letters, secret = opened()
    phone = rooms.join(letters, "one")
    rooms.guess(letters, phone, FIRST.question, "9" * registry.MESSAGE)
    with pytest.raises(UserError, match="has 2001 characters, but must have 2000 at most"):
        rooms.guess(letters, phone, FIRST.question, "9" * (registry.MESSAGE + 1))
    assert rooms.guesses(letters, secret) == ["9" * registry.MESSAGE]


def test_phones_that_went_silent_are_not_counted_but_those_that_answered_are() -> None:
    clock = Clock()
    rooms, letters, secret = opened(clock=clock)
    stays, _, answers = (rooms.join(letters, name) for name in ("stays", "leaves", "answers"))
    rooms.guess(letters, answers, FIRST.question, "0")
    clock.now += registry.PRESENT + 1
    rooms.version(letters, stays)
    assert (rooms.at(letters, secret).answered, rooms.at(letters, secret).phones) == (1, 2)


def test_phones_look_less_often_the_more_they_are() -> None:
    rooms, letters, _ = opened()
    first = rooms.join(letters, "first")
    assert rooms.seat(letters, first).pace == 1.5
    for number in range(registry.PHONES - 1):
        rooms.join(letters, f"phone {number}")
    assert rooms.seat(letters, first).pace == 6.0
    assert rooms.seat(letters, first).pace * 3 < registry.PRESENT  # two looks may be missed


def test_three_hundred_phones_answer_from_twenty_threads_while_the_teacher_looks() -> None:
    rooms, letters, secret = opened()
    start, done, counts = threading.Barrier(20), threading.Event(), [0]

    def phones(thread: int) -> None:
        start.wait()
        for number in range(15):
            token = rooms.join(letters, f"phone {thread} {number}")
            rooms.guess(letters, token, FIRST.question, "-1")
            rooms.guess(letters, token, FIRST.question, str(15 * thread + number))

    def teacher() -> None:
        while not done.is_set():
            counts.append(rooms.at(letters, secret).answered)

    with ThreadPoolExecutor(21) as pool:
        looking = pool.submit(teacher)
        try:
            for future in [pool.submit(phones, thread) for thread in range(20)]:
                future.result()
        finally:
            done.set()
        looking.result()
    assert counts == sorted(counts)
    assert rooms.at(letters, secret).answered == 300
    assert sorted(map(int, rooms.guesses(letters, secret))) == list(range(300))


@pytest.mark.parametrize("typed", ["BCDF", "bcdf", " bC dF "])
def test_letters_are_taken_in_any_case(typed: str) -> None:
    assert as_letters(typed) == "BCDF"


@pytest.mark.parametrize("typed", ["", "BCD", "BCDFG", "BCDA", "12BC", "ßCDF", "x" * 10_000])
def test_what_cannot_be_letters_is_said(typed: str) -> None:
    with pytest.raises(UserError, match=r"The room is '.{0,20}', but must be 4 letters, as on the screen; no vowels\."):
        as_letters(typed)


def test_a_browser_that_has_shown_the_secret_need_not_show_it_again() -> None:
    rooms = Rooms()
    letters, secret = rooms.open("opener", FIRST)
    assert rooms.secret(letters, "opener") == secret
    with pytest.raises(NotTheTeacherError, match=f"This link does not steer room {letters}"):
        rooms.secret(letters, "another")
    with pytest.raises(NotTheTeacherError):
        rooms.let_in(letters, "guessed", "another")
    rooms.let_in(letters, secret, "another")
    assert rooms.secret(letters, "another") == secret
    for number in range(TEACHERS):  # the latest stay, and who opened it
        rooms.let_in(letters, secret, f"tablet {number}")
    with pytest.raises(NotTheTeacherError):
        rooms.secret(letters, "another")
    assert rooms.secret(letters, "tablet 0") == rooms.secret(letters, "opener") == secret
    other, _ = rooms.open("another", FIRST)
    with pytest.raises(NotTheTeacherError):
        rooms.secret(other, "opener")
