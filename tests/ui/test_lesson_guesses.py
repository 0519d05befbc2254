"""What a lesson's pictures hold back while a class guesses, what they show after it, and that what is right is so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st

from sgd_core.charts.guesses import SECONDS, Drawn, Ruler, Sheet
from sgd_core.evidence.guesses import Guess
from sgd_core.evidence.sentences.verdicts import interval
from sgd_core.experiment.paper import TRAIN_IMAGES
from sgd_core.ui.answer import found
from sgd_core.ui.lesson import asking, batches, drawing, shelf
from sgd_core.ui.lesson.picture import Moment, Shown
from sgd_core.ui.lesson.pictures import PICTURES
from sgd_core.ui.lesson.script import Guessing, Step
from sgd_core.ui.shell import replay, shared
from sgd_core.ui.shell.replay import View
from tests.conftest import ROOT, pages_of


def shown(picture: str, presses: int, drawn: bool = False, guesses: tuple[Guess, ...] = (), **settings: Any) -> Shown:
    how = PICTURES[picture]
    return how.draw(how.settings.model_validate(settings), Moment("a test", presses, drawn, guesses))


def sent(picture: str, **settings: Any) -> str:
    """All that a browser gets of a covered picture: drawn by Vega, and as a sheet to draw on."""
    st.session_state.clear()  # or a chart would glide from the axis of another test
    st.cache_resource.clear()  # or what is changed beneath the pages would change nothing
    shared.clear()
    chart, on_it = shown(picture, 0, **settings), shown(picture, 0, drawn=True, **settings)
    assert chart.frame is not None
    assert on_it.sheet is not None
    texts = [chart.alt, chart.read, chart.answer, on_it.alt, on_it.read, on_it.answer]
    return json.dumps([chart.chart, chart.frame.to_json(), on_it.sheet.data(), texts])


@pytest.mark.parametrize("end", [0.05, 1.0])
@pytest.mark.parametrize(
    "settings",
    [
        {"figure": 1, "hide": ["B=512"]},
        {"figure": 1, "hide": ["B=512"], "least": 0.5},
        {"figure": 1, "hide": ["B=16"], "metric": "Train loss"},
        {"figure": 2, "hide": ["B=512, μ=1e-4"], "along": ["effective"], "least": 0.5},
        {"figure": 1, "hide": ["B=512"], "along": ["updates"], "metric": "Train loss"},
    ],
    ids=str,
)
@pytest.mark.usefixtures("published")
def test_nothing_that_is_sent_depends_on_how_a_covered_run_went(
    settings: dict[str, Any], end: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, means = sent("curves", **settings), replay.means

    def otherwise(number: int, view: View) -> pd.DataFrame:
        table = means(number, view).copy()
        covered = table["run"].isin(settings["hide"])
        assert covered.any()
        table.loc[covered, ["mean", "low", "high"]] = end
        return table

    after = shown("curves", 1, **settings).answer
    monkeypatch.setattr(replay, "means", otherwise)
    assert sent("curves", **settings) == before
    assert shown("curves", 1, **settings).answer != after


def test_nothing_that_is_sent_depends_on_how_a_covered_arm_went(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("B=16, equal T", "B=512, equal T")

    def messages(end: float) -> str:
        rows = [
            {"arm": name, "epoch": at, "mean": mean, "low": 0.9 * mean, "high": 1.1 * mean, "n": 2,
             "effective_time": 0.01 * (at + 1), "learning_rate": 0.1, "batch_size": size}
            for name, size, mean in ((names[0], 16, end), (names[1], 512, 0.5))
            for at in range(4)
        ]  # fmt: skip
        monkeypatch.setattr(found, "curves", lambda claim: pd.DataFrame(rows))
        return sent("arms", claim="3", arms=names, hide=names[:1])

    assert len({messages(end) for end in (1e-4, 0.3, 0.9, 50.0)}) == 1


@pytest.mark.usefixtures("published")
def test_a_sheet_shows_the_truth_within_its_axes() -> None:
    settings: dict[str, Any] = {"figure": 1, "hide": ["B=512"], "least": 0.5}
    after = shown("curves", 1, drawn=True, guesses=(((0.0, 0.6), (1.0, 0.99)),), **settings)
    assert after.sheet is not None
    points = after.sheet.asked.points
    assert len(points) == 150
    assert points[-1][0] == 1
    assert after.sheet.low <= points[-1][1] <= after.sheet.high
    assert f"**B=512 ends at {points[-1][1]:.1%}**" in after.answer
    assert "Guessed: **99.0%**" in after.answer
    assert after.seconds == SECONDS
    before = shown("curves", 0, drawn=True, **settings)
    assert before.answer == ""
    assert before.sheet is not None
    assert (before.sheet.x, before.sheet.y, before.sheet.known) == (after.sheet.x, after.sheet.y, after.sheet.known)


@pytest.mark.usefixtures("published")
def test_after_the_reveal_the_curves_go_to_further_axes() -> None:
    st.session_state.clear()
    settings: dict[str, Any] = {"figure": 1, "hide": ["B=512"], "along": ["epoch", "updates"]}
    sheets = [shown("curves", presses, drawn=True, **settings).sheet is not None for presses in (0, 1)]
    assert sheets == [True, True]
    further = shown("curves", 2, drawn=True, **settings)
    assert further.sheet is None
    assert "datum.before + (datum.position - datum.before)" in json.dumps(further.chart)


LINE = ((0.0, 0.6), (1.0, 0.9))


@pytest.mark.parametrize(
    ("raw", "before", "guess"),
    [
        (None, None, None),
        (None, LINE, LINE),  # it was drawn before, and this browser has said nothing yet
        ([[0, 0.6], [1, 0.7]], LINE, ((0.0, 0.6), (1.0, 0.7))),
        ([], LINE, None),  # taken back
        ([[0, 0.6], [1, 7]], LINE, LINE),  # no guess
        ("<script>", None, None),
    ],
)
def test_what_a_browser_sends_is_a_guess_or_leaves_the_one_before(
    raw: object, before: Guess | None, guess: Guess | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "canvas", lambda *given, drawable: raw)
    empty = Ruler("", ())
    sheet = Sheet(empty, empty, 0.5, 1.0, False, (), Drawn("B=512", "#123456"), "")
    assert asking.ask(sheet, "a key", before) == guess


STEPS = {step.id: step for name in ("full", "short") for step in shelf.lesson(name).steps}


@pytest.mark.parametrize(
    "step", [step for step in STEPS.values() if step.guess and step.guess.kind == "draw"], ids=lambda step: step.id
)
def test_the_published_truth_lies_on_the_sheet_and_moves_no_axis(step: Step, tmp_path: Path) -> None:
    with pages_of(ROOT / "cached_runs", tmp_path):
        before, after = (shown(step.picture, presses, drawn=True, **step.settings).sheet for presses in (0, 1))
    assert before is not None
    assert after is not None
    assert (before.low, before.high, before.x, before.y) == (after.low, after.high, after.x, after.y)
    assert after.low <= after.asked.points[-1][1] <= after.high


def guess_of(step: str) -> Guessing:
    guess = STEPS[step].guess
    assert guess is not None
    return guess


def test_what_is_right_of_the_pictures_without_runs() -> None:
    ratio = -(-TRAIN_IMAGES // 16) / -(-TRAIN_IMAGES // 512)
    options = {text: abs(int(text.split()[1]) - ratio) for text in guess_of("steps").options}
    assert guess_of("steps").right == min(options, key=options.__getitem__)
    sizes = batches.Scatter.model_validate(STEPS["what-is-noise"].settings).sizes
    assert guess_of("what-is-noise").right == f"{(sizes[1] / sizes[0]) ** 0.5:g} times"
    assert "**equally wide**" in shown("bowl", 1, **STEPS["kick-and-forget"].settings).answer
    assert guess_of("kick-and-forget").right == "Equally wide"


@pytest.mark.parametrize("step", ["noise-or-time", "where-noise-acts"])
def test_what_is_right_is_what_the_published_runs_show(step: str, tmp_path: Path) -> None:
    with pages_of(ROOT / "cached_runs", tmp_path):
        (verdict,) = (each for each in found.verdicts() if each.claim.name == STEPS[step].settings["claim"])
    assert verdict.primary.comparison.first == STEPS[step].settings["hide"][0]
    low, high = interval(verdict.primary)
    assert (low.split()[1], high.split()[1]) == ("higher", "higher")
    tenth = any("tenth" in option for option in guess_of(step).options)
    assert int(low.split("%")[0]) >= (10 if tenth else 1), "the whole interval must lie where the right option says"
    right = str(guess_of(step).right)
    assert "igher" in right
    assert len([option for option in guess_of(step).options if "igher" in option]) == 1
