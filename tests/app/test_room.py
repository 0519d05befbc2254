"""A room on pages without a browser: teacher and phones as apps of their own on one server's rooms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.evidence.sentences import room as sentences
from sgd_core.rooms import address
from sgd_core.rooms.registry import Rooms
from sgd_core.rooms.shared import GONE, SharedRooms
from sgd_core.runs import mode
from sgd_core.ui.lesson import join, room
from tests.app.conftest import PATIENCE, labels, opened, pressed, said

PAGE = "pages/Lesson.py"
LESSON = """
title: Votes
about: Three questions.
steps:
  - id: one
    question: Where will it end?
    picture: batches
    guess: {kind: choice, options: [Above, Level, Below]}
    note: {ask: Vote., expect: They differ., minutes: 2}
  - id: two
    question: What is left?
    picture: batches
    note: {ask: Press., expect: Less., minutes: 2}
  - id: three
    question: Which is lower?
    picture: batches
    guess: {kind: choice, options: ["Yes", "No"]}
    note: {ask: Vote again., expect: They agree., minutes: 2}
"""

Phone = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def rooms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Rooms:
    """Empty rooms, a lesson of votes, and explore mode, in which nothing may be written."""
    empty = Rooms()
    monkeypatch.setattr(room, "ROOMS", empty)
    (tmp_path / "votes.yaml").write_text(LESSON, encoding="utf-8")
    monkeypatch.setenv("SGD_LESSONS", str(tmp_path))
    monkeypatch.setenv("SGD_MODE", "explore")
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    return empty


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    """Open a phone's page, each with a browser of its own unless it is named."""
    count = iter(range(1000))

    def join_as(letters: str, name: str = "", **query: str) -> AppTest:
        browser = name or f"phone {next(count)}"
        monkeypatch.setattr(join, "visitor", lambda: browser)
        return opened(PAGE, room=letters, **query)

    return join_as


@pytest.fixture
def teacher() -> AppTest:
    """The teacher's screen at the first question, in a room."""
    app = opened(PAGE, lesson="votes", step="1")
    pressed(app, "Open a room")
    return pressed(app, "Begin")


def letters_of(app: AppTest) -> str:
    return str(app.query_params["room"])


def choice(app: AppTest) -> Any:
    """The choice on a phone."""
    (group,) = app.get("button_group")
    return group


def choose(app: AppTest, option: int) -> AppTest:
    choice(app).set_value(option).run(timeout=PATIENCE)
    return app


def test_a_class_guesses_and_the_screen_counts_shows_the_guesses_and_then_what_is_true(
    teacher: AppTest, phone: Phone
) -> None:
    letters = letters_of(teacher)
    one, two = phone(letters), phone(letters.lower())
    assert [title.value for title in one.title] == ["Where will it end?"]
    assert labels(one) == []
    assert "0 of 2 have answered" in said(teacher.run())
    assert "Show" in labels(teacher)

    assert "Sent. You can change it" in said(choose(one, 2))
    assert "1 of 2 has answered" in said(teacher.run())
    choose(one, 0)
    choose(two, 1)
    assert "all 2 have answered" in said(teacher.run())

    pressed(teacher, "Show guesses")
    assert room.ROOMS.guesses(letters, teacher.query_params["steer"]) == ["0", "1"]
    assert "This was your guess. All guesses are on the screen now." in said(one.run())
    assert teacher.query_params["guesses"] == "true"

    pressed(teacher, "Show")
    assert teacher.query_params["shown"] == "1"
    assert "This was your guess. What is true is on the screen" in said(two.run())

    pressed(teacher, "Next")
    assert "guesses" not in teacher.query_params
    assert "Nothing to guess here." in said(one.run())
    assert [title.value for title in one.title] == ["What is left?"]


def test_before_the_first_question_a_phone_waits(phone: Phone) -> None:
    app = opened(PAGE, lesson="votes", step="1")
    pressed(app, "Open a room")
    assert labels(app) == ["Begin", "End the room"]
    assert "No phone is here yet." in said(app)
    student = phone(letters_of(app))
    assert "You are in. Look at the screen" in said(student)
    assert "1 phone is here." in said(app.run())
    pressed(app, "Begin")
    assert [title.value for title in student.run().title] == ["Where will it end?"]


def test_without_guesses_their_press_is_left_out(teacher: AppTest, phone: Phone) -> None:
    phone(letters_of(teacher))
    pressed(teacher, "Show")
    assert teacher.query_params["shown"] == "1"


def test_a_phone_that_comes_back_finds_its_guess(teacher: AppTest, phone: Phone) -> None:
    letters = letters_of(teacher)
    first = choose(phone(letters), 1)
    token = first.query_params["phone"]
    again = phone(letters, phone=token)
    assert "Sent. You can change it" in said(again)
    assert choice(again).value == 1
    assert "1 of 1 has answered" in said(teacher.run())


def test_a_guess_at_what_is_over_is_said_to_be_late_and_changes_nothing(teacher: AppTest, phone: Phone) -> None:
    letters, secret = letters_of(teacher), teacher.query_params["steer"]
    one, two = choose(phone(letters), 0), phone(letters)
    pressed(teacher.run(), "Show guesses")
    late = said(choose(one, 2))
    assert "This guess came too late: the guesses are on the screen." in late
    assert "This was your guess." in late
    assert choice(one).value == 0
    assert "too late" not in said(one.run())
    assert room.ROOMS.guesses(letters, secret) == ["0"]

    pressed(teacher, "Next")
    assert "This guess came too late: the class is at another question now." in said(choose(two, 1))
    pressed(teacher, "Back")
    assert room.ROOMS.guesses(letters, secret) == ["0"]


def test_the_second_screen_has_the_note_and_steers(teacher: AppTest) -> None:
    second = opened(PAGE, screen="notes", **dict(teacher.query_params.items()))
    assert "Vote." in said(second)
    assert second.get("vega_lite_chart") == []
    pressed(second, "Next")
    assert [title.value for title in teacher.run().title] == ["What is left?"]
    assert teacher.query_params["step"] == "2"
    pressed(teacher, "Next")
    assert "Vote again." in said(second.run())


def test_another_secret_shows_the_lesson_but_does_not_steer(teacher: AppTest, phone: Phone) -> None:
    letters = letters_of(teacher)
    student = phone(letters)
    other = opened(PAGE, lesson="votes", step="1", room=letters, steer="guessed")
    assert f"This link does not steer room {letters}." in said(other)
    pressed(other, "Next")
    assert [title.value for title in other.title] == ["What is left?"]
    assert [title.value for title in student.run().title] == ["Where will it end?"]


def test_the_end_of_a_lesson_shows_the_code_where_the_room_is_ended(teacher: AppTest, phone: Phone) -> None:
    student = choose(phone(letters_of(teacher)), 0)
    pressed(teacher, "End")
    assert labels(teacher) == ["Go on", "End the room"]
    assert [title.value for title in student.run().title] == ["Where will it end?"]
    pressed(teacher, "End the room")
    assert not {"room", "steer", "joining"} & set(teacher.query_params)
    assert [title.value for title in teacher.title] == ["Where will it end?"]
    assert "The room has ended. Nothing of it was kept." in said(student.run())
    assert room.ROOMS._rooms == {}


def test_after_a_restart_the_teacher_s_link_offers_a_new_room_at_the_same_step(
    teacher: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed(teacher, "Next")
    before = letters_of(teacher)
    monkeypatch.setattr(room, "ROOMS", Rooms())
    teacher.run()
    assert f"There is no room {before}." in said(teacher)
    pressed(teacher, "Open a new room")
    pressed(teacher, "Begin")
    assert [title.value for title in teacher.title] == ["What is left?"]
    assert letters_of(teacher) != before


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        ("BCDF", "There is no room BCDF. It has ended, or its letters are others."),
        ("BCD", "The room is 'BCD', but must be 4 letters, as on the screen; no vowels."),
        ("B F", "The room is 'B F', but must be 4 letters, as on the screen; no vowels."),
    ],
)
def test_letters_of_no_room_are_said_and_can_be_typed_again(letters: str, words: str, phone: Phone) -> None:
    student = phone(letters)
    assert not student.exception
    assert words in said(student)
    teacher = pressed(opened(PAGE, lesson="votes", step="1"), "Open a room")
    student.text_input[0].set_value(letters_of(teacher).lower())
    pressed(student, "Join")
    assert "You are in." in said(student)


def test_a_full_room_is_said(teacher: AppTest, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = letters_of(teacher)
    for number in range(300):
        room.ROOMS.join(letters, f"another {number}")
    assert f"Room {letters} is full: 300 phones are in it." in said(phone(letters))


def test_letters_can_be_typed_on_the_page_of_the_lessons(teacher: AppTest) -> None:
    choice = opened(PAGE)
    choice.text_input[0].set_value(letters_of(teacher))
    pressed(choice, "Join")
    assert [title.value for title in choice.title] == ["Where will it end?"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [("https://lab.example/Lesson", "lab.example/Lesson"), ("http://localhost:8501/Lesson", "192.168.1.7:8501/Lesson")],
)
def test_the_code_leads_where_phones_get(url: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "of_this_machine", lambda: "192.168.1.7")
    app = opened(PAGE, lesson="votes", step="1")
    app.context = {"url": url}
    pressed(app, "Open a room")
    assert f"pen **{shown}** and type" in said(app)
    alone = url.startswith("http://localhost")
    assert [each.value for each in app.warning] == [sentences.unreachable(mode.why_explore() is not None)] * alone
    assert any('alt="QR code of' in each.proto.body for each in app.get("html")) != alone
    app.text_input[0].set_value("no host").run(timeout=PATIENCE)
    assert [error.value for error in app.error] == [
        "The address is 'no host', but must be a host, like 192.168.1.7:8501."
    ]
    app.text_input[0].set_value("10.0.0.9").run(timeout=PATIENCE)
    assert "pen **10.0.0.9" in said(app)
    assert app.query_params["address"] == "10.0.0.9"


def test_nothing_of_a_room_is_written(teacher: AppTest, phone: Phone, tmp_path: Path) -> None:
    choose(phone(letters_of(teacher)), 0)
    pressed(teacher.run(), "Show guesses")
    assert [file.name for file in tmp_path.iterdir()] == ["votes.yaml"]


def test_where_the_rooms_are_gone_the_lesson_goes_on_and_phones_are_told(
    teacher: AppTest, phone: Phone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    student = phone(letters_of(teacher))
    monkeypatch.setattr(room, "ROOMS", SharedRooms(tmp_path / "none"))
    for each in (student, phone(letters_of(teacher)), opened(PAGE, lesson="votes", step="1", room="BCDF"), teacher):
        each.run()
        assert not each.exception
        assert GONE in said(each)
    pressed(teacher, "Next")
    assert [title.value for title in teacher.title] == ["What is left?"]
    pressed(teacher, "Open a new room")
    assert [toast.value for toast in teacher.toast] == [GONE]
