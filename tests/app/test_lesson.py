"""The lesson: every screen by its link, with runs and without; keys, presses and notes; files that are no lessons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.ui.lesson import shelf
from sgd_core.ui.lesson.lesson import GUESSES
from sgd_core.ui.lesson.script import Step
from tests.app.conftest import PATIENCE, charts, labels, opened, pressed, said
from tests.conftest import pages_of

PAGE = "pages/Lesson.py"
SCREENS = [
    (name, number, step) for name in ("full", "short") for number, step in enumerate(shelf.lesson(name).steps, 1)
]


def screen(lesson: str, step: int, **more: str) -> AppTest:
    app = opened(PAGE, lesson=lesson, step=str(step), **more)
    assert not app.exception
    return app


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(("lesson", "number", "step"), SCREENS)
def test_a_screen_opens_by_its_link_covered_and_uncovered(lesson: str, number: int, step: Step) -> None:
    for shown in ("0", "1"):
        app = screen(lesson, number, shown=shown)
        assert not app.error
        assert [title.value for title in app.title] == [step.question]
        assert step.note.ask not in said(app)
        if step.picture == "arms" and not charts(app):  # of these the invented runs have one arm or none
            assert "is here yet" in said(app)
            continue
        if step.guess is not None and step.guess.kind == "draw":
            assert not charts(app)
            assert len(sheet(app)["alt"]) >= 40
            assert sheet(app)["drawable"] == (shown == "0")
            assert bool(sheet(app)["asked"]["points"]) == (shown == "1")
            assert app.get("bidi_component")[0].proto.ByteSize() < 60_000
            continue
        (chart,) = charts(app)
        assert len(chart.alt) >= 40
        assert chart.ByteSize() < 150_000


@pytest.mark.parametrize(("lesson", "number", "step"), SCREENS)
def test_a_screen_without_any_runs_says_so(lesson: str, number: int, step: Step, tmp_path: Path) -> None:
    with pages_of(tmp_path / "nothing", tmp_path / "cache"):
        app = screen(lesson, number)
    assert not app.error
    assert len(app.title) == 1
    assert not app.get("bidi_component")
    without = step.picture in ("batches", "cloud", "bowl")
    assert bool(charts(app)) == without
    assert (" yet." in said(app)) != without


@pytest.mark.usefixtures("published")
def test_a_key_goes_on_from_the_screen_of_the_link_whatever_keys_are_still_there() -> None:
    app = screen("full", 1)
    app.query_params["step"] = "3"  # its keys are still to come
    pressed(app, "Next")
    assert app.query_params["step"] == "4"
    app.query_params["step"] = "3"  # the same press once more: the browser had not heard of the answer
    pressed(app, "Next")
    assert app.query_params["step"] == "4"
    app.query_params["step"] = str(len(shelf.lesson("full").steps))
    pressed(app, "Next")
    assert app.query_params["step"] == str(len(shelf.lesson("full").steps)), "there is none after the last"
    app.query_params["step"] = "5"
    app.run()
    for label in ("Show", "Cover again"):  # the second is what it is called by then
        app.query_params.pop("shown", None)
        pressed(app, label)
        assert (app.query_params["step"], app.query_params["shown"]) == ("5", "1")


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("label", ["Next", "Show"])
def test_a_key_that_is_pressed_after_the_end_does_nothing(label: str) -> None:
    app = screen("full", 1)
    app.query_params.clear()
    pressed(app, label)
    assert "step" not in app.query_params


@pytest.mark.usefixtures("published")
def test_buttons_go_on_and_back_and_uncover() -> None:
    app = screen("full", 1)
    assert labels(app) == ["Back", "Show", "Note", "End", "Open a room", "Next"]
    assert [button.disabled for button in app.button] == [True, False, False, False, False, False]
    pressed(app, "Show")
    assert "186 steps" in said(app)
    assert app.query_params["shown"] == "1"
    pressed(app, "Next")
    assert app.query_params["step"] == "2"
    assert "shown" not in app.query_params
    assert "B=512 ends at" not in said(app)
    pressed(app, "Show")
    assert "B=512 ends at" in said(app)
    pressed(app, "Cover again")
    assert "B=512 ends at" not in said(app)
    pressed(app, "Back")
    assert app.query_params["step"] == "1"
    pressed(app, "End")
    assert "10 screens" in said(app)


def sheet(app: AppTest) -> dict[str, Any]:
    """What the page sends of its sheet."""
    (drawn,) = app.get("bidi_component")
    return dict(json.loads(drawn.proto.json or drawn.proto.mixed.json))


@pytest.mark.usefixtures("published")
def test_a_drawn_guess_stays_with_its_screen_and_is_held_against_the_truth() -> None:
    app = screen("short", 1)
    assert sheet(app)["guesses"] == []
    app.session_state[GUESSES] = {"short larger-batch": ((0.0, 0.6), (1.0, 0.99))}
    pressed(app, "Next")
    pressed(app, "Back")
    guess = [[[0.0, 0.6], [1.0, 0.99]]]
    assert sheet(app)["guesses"] == guess
    assert "99.0%" not in said(app)
    pressed(app, "Show")
    assert sheet(app)["guesses"] == guess
    assert "Guessed: **99.0%**" in said(app)
    pressed(app, "Cover again")
    assert sheet(app)["guesses"] == guess


@pytest.mark.usefixtures("published")
def test_a_chosen_guess_is_held_against_what_is_right() -> None:
    app = screen("full", 6)
    (pills,) = app.get("button_group")
    assert [option.content for option in pills.proto.options] == ["Wider", "Equally wide", "Narrower"]
    pressed(app, "Show")
    assert "Chosen" not in said(app)
    pressed(app, "Cover again")
    app.button_group(key="choosing-full kick-and-forget").select(0).run(timeout=PATIENCE)
    pressed(app, "Next")
    pressed(app, "Back")
    assert app.button_group(key="choosing-full kick-and-forget").value == 0
    pressed(app, "Show")
    assert "Chosen: 'Wider'; right is 'Equally wide'. μ/B is the same" in said(app)
    assert not app.get("button_group")


@pytest.mark.usefixtures("published")
def test_the_note_is_for_who_asks() -> None:
    app = screen("short", 1)
    note = shelf.lesson("short").steps[0].note
    assert note.ask not in said(app)
    pressed(app, "Note")
    assert note.ask in said(app)
    assert note.expect in said(app)
    assert app.query_params["notes"] == "true"
    pressed(app, "Next")
    assert shelf.lesson("short").steps[1].note.ask in said(app)
    pressed(app, "Note")
    assert "notes" not in app.query_params


@pytest.mark.usefixtures("published")
def test_between_axes_the_curves_glide() -> None:
    app = screen("short", 2)
    assert '"before"' not in charts(app)[0].spec
    pressed(app, "Show")
    gliding = charts(app)[0].spec
    assert "datum.before + (datum.position - datum.before)" in gliding
    pressed(app, "Note")
    assert charts(app)[0].spec == gliding  # so the browser leaves the chart as it is
    assert "At equal training time with momentum" in said(app)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"lesson": "none"}, "lesson is 'none', but must be one of full, short."),
        ({"lesson": "full", "step": "11"}, "step is '11', but must be a whole number from 1 to 10."),
        ({"lesson": "full", "step": "two"}, "step is 'two', but must be a whole number from 1 to 10."),
        ({"lesson": "full", "step": "2", "shown": "9"}, "shown is '9', but must be a whole number from 0 to 1."),
    ],
)
@pytest.mark.usefixtures("published")
def test_a_link_that_leads_nowhere_is_a_sentence(query: dict[str, str], words: str) -> None:
    app = opened(PAGE, **query)
    assert not app.exception
    assert [error.value for error in app.error] == [words]
    assert [html.proto.body for html in app.get("html") if "Every lesson" in html.proto.body] == [
        '<a class="to-page" href="Lesson?">Every lesson</a>'
    ]


@pytest.mark.usefixtures("published")
def test_the_choice_names_every_lesson_and_what_is_wrong_with_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.yaml").write_text("title: Broken\nabout: It has no steps.\n", encoding="utf-8")
    monkeypatch.setenv("SGD_LESSONS", str(tmp_path))
    app = opened(PAGE)
    assert not app.exception
    assert "10 screens, 50 minutes" in said(app)
    assert "4 screens, 10 minutes" in said(app)
    (error,) = app.error
    assert error.value == "broken.yaml: steps is missing; it needs the fields title, about, steps."


@pytest.mark.usefixtures("published")
def test_the_first_page_leads_to_the_lesson() -> None:
    links = [link.proto.page for link in opened("app.py").get("page_link")]
    assert links.count("Lesson") == 3  # in the menu, among what is for a class, and as the page that follows
