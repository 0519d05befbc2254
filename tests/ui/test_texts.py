"""The sentences that pages compute, against tables small enough to read."""

from __future__ import annotations

import re

import pytest

from sgd_core.ui import path
from sgd_core.ui.figures import presets
from sgd_core.ui.shell import library
from tests.conftest import ROOT


@pytest.mark.usefixtures("published")
def test_where_the_numbers_come_from_is_said() -> None:
    lines = dict(library.provenance_lines(library.figure_rows(1)))
    assert "Invented numbers" in lines["Data"]
    assert lines["Hardware"] == "invented numbers"
    assert lines["Seeds"] == "0, 1"
    assert lines["Made"] == "2026-01-01"


FILES = {"app.py", *(f"pages/{file.name}" for file in (ROOT / "pages").glob("*.py"))}


def test_the_presets_lead_to_pages_that_exist() -> None:
    assert [preset.slug for preset in presets.PRESETS if preset.page not in path.PAGES] == []


def test_the_path_leads_once_through_every_page_and_no_section_is_left_and_entered_again() -> None:
    order = path.in_order()
    assert sorted(each.file for each in order) == sorted(FILES)
    assert order[0].file == "app.py"
    assert order[-1].next is None
    assert [each for pages in path.sections().values() for each in pages] == order


def test_pages_that_rooms_name_are_there() -> None:
    named = {
        slug
        for file in (ROOT / "sgd_core/ui").rglob("*.py")
        for slug in re.findall(
            r'page\.(?:file_of|address|link)\((?:"[^"]*", )?"(\w+)"', file.read_text(encoding="utf-8")
        )
    }
    assert {"Train", "Runs"} <= named <= set(path.PAGES)


def test_the_readme_lists_every_page_with_its_question() -> None:
    rows = [f"| {each.label} | {each.question} |" for each in path.in_order()]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\n".join(rows) in text


def test_there_are_at_least_six_presets_each_with_a_question_of_its_own() -> None:
    assert len(presets.PRESETS) >= 6
    for name in ("slug", "title", "question"):
        values = [getattr(preset, name) for preset in presets.PRESETS]
        assert len(set(values)) == len(values), name
    assert [preset.slug for preset in presets.PRESETS if "?" not in preset.question] == []
