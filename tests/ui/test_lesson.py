"""Lessons as files, whose faults are said with file, step and field; and what their pictures hold back."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgd_core.errors import UserError
from sgd_core.ui.lesson import script, shelf
from sgd_core.ui.lesson.picture import Moment, Shown
from sgd_core.ui.lesson.pictures import PICTURES
from tests.charts.drawing import svg, texts

MODELS = {name: picture.settings for name, picture in PICTURES.items()}
GOOD = """
title: A lesson
about: For a test.
steps:
  - id: first
    question: Where will it end?
    picture: curves
    settings: {figure: 1, hide: [B=512]}
    note: {ask: Guess., expect: Low., minutes: 3}
  - id: second
    question: And now?
    picture: cloud
    note: {ask: Guess., expect: Low., minutes: 4}
"""
NOTE = "note: {ask: Guess., expect: Low., minutes: 3}"


def test_a_lesson_has_its_steps_and_its_length() -> None:
    lesson = script.parsed(GOOD, "own.yaml", MODELS)
    assert [step.id for step in lesson.steps] == ["first", "second"]
    assert lesson.minutes == 7


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: A lesson\n", "", "own.yaml: title is missing; it needs the fields title, about, steps."),
        ("about:", "abuot:", "own.yaml: abuot is not known, but must be one of title, about, steps."),
        ("question: And now?", "question: ''",
         "own.yaml, step 2 (second): question is '', but must have at least 1 character."),
        ("    question: And now?\n", "",
         "own.yaml, step 2 (second): question is missing; it needs the fields id, question, picture, settings, guess, "
         "note."),
        ("question: And now?", "qestion: And now?",
         "own.yaml, step 2 (second): qestion is not known, but must be one of "
         "id, question, picture, settings, guess, note."),
        ("id: second", "id: first",
         "own.yaml, step 2 (first): id is 'first', but must be another than that of step 1."),
        ("id: second", "id: Two words",
         "own.yaml, step 2 (Two words): id is 'Two words', but must match pattern '^[a-z0-9][a-z0-9-]*$'."),
        ("minutes: 4", "minutes: none",
         "own.yaml, step 2 (second): note.minutes is 'none', but must be a valid integer"),
        ("minutes: 4", "minutes: 0",
         "own.yaml, step 2 (second): note.minutes is 0, but must be greater than or equal to 1."),
        ("expect: Low., minutes: 4", "minutes: 4",
         "own.yaml, step 2 (second): note.expect is missing; it needs the fields ask, expect, minutes."),
        ("picture: cloud", "picture: clouds", "own.yaml, step 2 (second): picture is 'clouds', but must be one of "
         "batches, cloud, bowl, curves, arms, verdicts."),
        ("figure: 1", "figure: 5",
         "own.yaml, step 1 (first): settings.figure is 5, but must be less than or equal to 4."),
        ("hide:", "hid:", "own.yaml, step 1 (first): settings.hid is not known, but must be one of figure, runs, hide, "
         "along, metric, least."),
        ("hide: [B=512]", "hide: [B=7]",
         "must have in hide only runs that it shows, which 'B=7' is none of: B=16, B=32"),
        ("hide: [B=512]", "along: [epoch, day]",
         "own.yaml, step 1 (first): settings.along.1 is 'day', but must be 'epoch', 'updates', 'time', 'effective' or "
         "'images'."),
        ("picture: cloud", "picture: cloud\n    settings: {sizes: [5, 64]}",
         "must have as sizes two of 1, 2, 4, 8, 16, 32, 64, 128, 256, the smaller one first"),
        ("picture: cloud", "picture: bowl\n    settings: {second: {rate: 9, batch: 4}}",
         "own.yaml, step 2 (second): settings.second.rate is 9, but must be less than 2."),
        ("picture: cloud", "picture: arms\n    settings: {claim: '99'}",
         "settings.claim is '99', but must be '1', '2'"),
        ("picture: cloud", "picture: arms\n    settings: {claim: '3', hide: [B=7]}",
         "must have in hide only arms that it shows, which 'B=7' is none of: B=16, equal T; B=512, equal T"),
        ("picture: cloud", "picture: cloud\n    guess: {kind: draw}",
         "own.yaml, step 2 (second): guess.kind is 'draw', but must be 'choice', as the picture does not cover exactly "
         "one curve."),
        ("hide: [B=512]}", "hide: [B=512, B=256]}\n    guess: {kind: draw}",
         "own.yaml, step 1 (first): guess.kind is 'draw', but must be 'choice', as the picture does not cover exactly"),
        ("picture: cloud", "picture: cloud\n    guess: {kind: dance}",
         "own.yaml, step 2 (second): guess.kind is 'dance', but must be 'draw' or 'choice'"),
        ("picture: cloud", "picture: cloud\n    guess: {options: [A, B]}",
         "own.yaml, step 2 (second): guess.kind is missing; it needs the fields kind, options, right."),
        ("picture: cloud", "picture: cloud\n    guess: {kind: choice, options: [A]}",
         "but must have two to six options where kind is choice."),
        ("picture: cloud", "picture: cloud\n    guess: {kind: choice, options: [A, B, C, D, E, F, G]}",
         "but must have two to six options where kind is choice."),
        ("picture: cloud", "picture: cloud\n    guess: {kind: choice, options: [A, A]}",
         "own.yaml, step 2 (second): guess is {'kind': 'choice', 'options': ['A', 'A']}, but must have options that "
         "differ from each other."),
        ("picture: cloud", "picture: cloud\n    guess: {kind: choice, options: [A, B], right: C}",
         "but must have as right one of its options."),
        ("hide: [B=512]}", "hide: [B=512]}\n    guess: {kind: draw, options: [A, B]}",
         "but must have options and right only where kind is choice."),
        ("hide: [B=512]}", "hide: [B=512], least: 1}",
         "own.yaml, step 1 (first): settings.least is 1, but must be less than or equal to 0.9."),
        ("question: And now?", "question: And: now?",
         "own.yaml, line 11, column 18: this is not YAML; a text with a colon must stand in quotes."),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_step_and_field(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(UserError) as error:
        script.parsed(GOOD.replace(old, new, 1), "own.yaml", MODELS)
    assert said in str(error.value)
    assert "own.yaml" in str(error.value)


@pytest.mark.parametrize("text", ["", "42", "[1, 2]"])
def test_a_file_that_is_no_lesson_says_what_it_needs(text: str) -> None:
    with pytest.raises(UserError, match=r"own.yaml is .*, but must have the fields title, about, steps\."):
        script.parsed(text, "own.yaml", MODELS)


def test_two_faults_are_two_sentences() -> None:
    with pytest.raises(UserError) as error:
        script.parsed(GOOD.replace("minutes: 3", "minutes: 0").replace("minutes: 4", "minutes: 99"), "own.yaml", MODELS)
    assert [line[:22] for line in str(error.value).split("\n\n")] == [
        "own.yaml, step 1 (firs",
        "own.yaml, step 2 (seco",
    ]


def test_a_teacher_s_folder_adds_lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "short.yaml").write_text(GOOD.replace("A lesson", "Mine"), encoding="utf-8")
    monkeypatch.setenv("SGD_LESSONS", str(tmp_path))
    assert list(shelf.files()) == ["full", "short", "own"]
    assert shelf.lesson("short").title == "Mine"
    with pytest.raises(UserError, match=r"lesson is 'other', but must be one of full, short, own"):
        shelf.lesson("other")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_LESSONS", str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match=r"SGD_LESSONS is .*nowhere, but must be a folder of lessons"):
        shelf.files()


@pytest.mark.parametrize(("name", "steps", "minutes"), [("full", 10, 50), ("short", 4, 10)])
def test_the_app_s_lessons_keep_to_their_time(name: str, steps: int, minutes: int) -> None:
    lesson = shelf.lesson(name)
    assert len(lesson.steps) == steps
    assert lesson.minutes == minutes
    assert [step.id for step in lesson.steps if not step.question.endswith("?")] == []


def shown(picture: str, presses: int, **settings: object) -> Shown:
    found = PICTURES[picture]
    return found.draw(found.settings.model_validate(settings), Moment("a test", presses))


@pytest.mark.usefixtures("published")
def test_a_covered_run_is_nowhere_on_the_screen() -> None:
    before = shown("curves", 0, figure=1, hide=["B=512"])
    assert before.frame is not None
    assert "B=512" not in set(before.frame["run"])
    assert before.answer == ""
    assert [text for text in texts(svg(before.chart, before.frame)) if "512" in text] == ["B=512"]  # in the legend
    assert "%" not in before.alt
    after = shown("curves", 1, figure=1, hide=["B=512"])
    assert after.frame is not None
    assert "B=512" in set(after.frame["run"])
    assert after.answer.startswith("**B=512 ends at ")
    assert after.answer.endswith("At equal epochs B=512 has taken 900 updates, and B=16 has taken 27,900.")


@pytest.mark.usefixtures("published")
def test_presses_go_through_the_axes() -> None:
    settings = {"figure": 1, "along": ["epoch", "updates", "time"]}
    titles = [
        shown("curves", presses, **settings).chart["layer"][0]["encoding"]["x"]["axis"]["title"] for presses in range(3)
    ]
    assert [title.split()[0] for title in titles] == ["epoch", "updates", "training"]
    assert PICTURES["curves"].presses(PICTURES["curves"].settings.model_validate(settings)) == 2
    assert shown("curves", 1, **settings).answer.startswith("At equal updates")


def test_the_second_cloud_is_covered_until_the_press() -> None:
    before, after = (shown("bowl", presses) for presses in (0, 1))
    assert before.frame is not None
    assert after.frame is not None
    assert set(before.frame["panel"]) == {"First"}
    assert set(after.frame["panel"]) == {"First", "Second"}
    assert "?" in svg(before.chart, before.frame)
    assert before.answer == ""
    assert "equally wide" in after.answer


def test_an_epoch_is_one_tile_a_step() -> None:
    picture = svg(shown("batches", 1).chart)
    assert "186 steps" in shown("batches", 1).answer
    assert picture.count("<path aria-label") + picture.count('<path d="M') >= 192


def test_the_cloud_says_its_own_batch_size() -> None:
    before = shown("cloud", 0)
    assert before.frame is not None
    assert "B = 4" in svg(before.chart, before.frame)
    assert shown("cloud", 1).answer.startswith("From B = 4 to B = 64")
