"""The sentences that pages compute, against tables small enough to read."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.ui.figures import presets
from sgd_core.ui.shell import library, menu
from tests.conftest import ROOT


@pytest.mark.usefixtures("published")
def test_where_the_numbers_come_from_is_said() -> None:
    lines = dict(library.provenance_lines(library.figure_rows(1)))
    assert "Invented numbers" in lines["Data"]
    assert lines["Hardware"] == "invented numbers"
    assert lines["Seeds"] == "0, 1"
    assert lines["Made"] == "2026-01-01"


def test_the_menu_and_the_presets_lead_to_pages_that_exist() -> None:
    pages = {"app.py", *(f"pages/{file.name}" for file in (ROOT / "pages").glob("*.py"))}
    assert [path for group in menu.MENU.values() for path in group if path not in pages] == []
    assert [preset.slug for preset in presets.PRESETS if preset.page not in pages] == []


def test_every_page_is_in_the_menu_once() -> None:
    listed = [path for group in menu.MENU.values() for path in group]
    assert sorted(listed) == sorted({"app.py", *(f"pages/{file.name}" for file in (ROOT / "pages").glob("*.py"))})


def test_there_are_at_least_six_presets_each_with_a_question_of_its_own() -> None:
    assert len(presets.PRESETS) >= 6
    for name in ("slug", "title", "question"):
        values = [getattr(preset, name) for preset in presets.PRESETS]
        assert len(set(values)) == len(values), name
    assert [preset.slug for preset in presets.PRESETS if "?" not in preset.question] == []


def verdicts(guessed: dict[str, float], ends: dict[str, float], loss: bool) -> list[str]:
    def script(guessed: dict[str, float], ends: dict[str, float], loss: bool) -> None:
        from sgd_core.ui.figures import predict

        predict.verdict(guessed, ends, loss)

    shown = AppTest.from_function(script, args=(guessed, ends, loss)).run(timeout=60)
    assert not shown.exception
    return [markdown.value for markdown in shown.markdown]


def test_the_verdict_says_by_how_much_a_guess_is_off() -> None:
    assert verdicts({"B=512": 0.80}, {"B=512": 0.9144}, loss=False) == [
        "- **B=512**: you said 80%, it ended at 91.4%: 11.4 points too low."
    ]
    assert verdicts({"B=512": 0.5}, {"B=512": 0.25}, loss=True) == [
        "- **B=512**: you said 0.50, it ended at 0.250: 0.250 too high."
    ]
