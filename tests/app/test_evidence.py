"""The evidence page: its cards say what the command says, a link opens one claim, and runs of this machine count."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sgd_core.cli import evidence as command
from sgd_core.evidence import report, verdicts
from sgd_core.experiment.claims import CLAIMS
from sgd_core.runs.kept.store import Store
from sgd_core.ui.answer import cards, found
from tests.app.conftest import charts, opened, said, table
from tests.conftest import ROOT, pages_of
from tests.evidence.simulated import tables

PAGE = "pages/Evidence.py"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages read the project's own published runs; whoever wants others has `pages_of` of their own."""
    with pages_of(ROOT / "cached_runs", tmp_path_factory.mktemp("cache")):
        yield


@pytest.mark.usefixtures("real")
def test_the_cards_say_what_the_command_says(capsys: pytest.CaptureFixture[str]) -> None:
    command.evidence(format="json")
    told = json.loads(capsys.readouterr().out)
    text = said(opened(PAGE))
    assert [each["claim"] for each in told] == list(CLAIMS)
    places = [text.index(f"##### {each['claim']} · {each['title']} ") for each in told]
    assert places == sorted(places)
    for each, begin, end in zip(told, places, [*places[1:], len(text)], strict=True):
        card = text[begin:end]
        assert f"badge[{each['verdict']}]" in card
        finding = each["sentence"].partition(": ")[2]
        finding = finding[: finding.index(" Control: ")] if " Control: " in finding else finding
        assert finding[1:] in card
        assert f"**{each['n']}** of {each['planned_seeds']} planned" in card
        assert re.findall(r"- (Control: .*)", card) == re.findall(r"Control: .*?\.(?= Control: |$)", each["control"])
        assert each["caveat"] in text
        assert each["settings"] in text


@pytest.mark.usefixtures("real")
def test_the_badge_is_the_outcome_after_holm(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = next(each for each in found.verdicts() if each.primary.outcome == "supported")
    text: list[str] = []
    monkeypatch.setattr("sgd_core.ui.answer.cards.words.say", text.append)
    monkeypatch.setattr(cards, "picture", lambda *_: None)
    monkeypatch.setattr("sgd_core.ui.answer.cards.page.link", lambda *_: None)
    cards.show(replace(verdict, outcome="cannot tell yet"))
    assert "-badge[cannot tell yet]" in text[0]


@pytest.mark.usefixtures("real")
def test_the_whole_is_said_first_and_drawn_in_one_picture() -> None:
    app = opened(PAGE)
    text = said(app)
    assert "At equal training time more noise" in text or "with equal training time more noise" in text
    assert "Of the paper's nine claims" in text
    assert "rank the 27 runs with a correlation of 0.9" in text
    first = charts(app)[0]
    assert first.alt.startswith("Differences between the arms of every claim")
    assert all(claim.title in first.alt for claim in CLAIMS.values())
    assert len(charts(app)) == 1 + len(CLAIMS)


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("name", CLAIMS)
def test_a_link_opens_one_claim_with_its_runs(name: str) -> None:
    app = opened(PAGE, claim=name)
    assert not app.exception
    assert not app.error
    text = said(app)
    assert re.findall(r"##### (\w+) ·", text) == [name]
    assert len(charts(app)) == 2 + bool(
        CLAIMS[name].secondary
    )  # its row and controls, what is compared besides, curves
    settings = table(app, "arm")
    assert list(settings["arm"]) == list(CLAIMS[name].arms)
    assert (settings["T"] > 0).all()
    app.button_group(key="along").set_value("Epochs").run()
    assert not app.exception
    assert "epoch (counted from 0)" in charts(app)[-1].spec


@pytest.mark.usefixtures("real")
def test_the_map_shows_what_is_there_and_says_what_is_missing() -> None:
    app = opened(PAGE, claim="map")
    assert not app.exception
    assert "of 18 cells have runs" in said(app) or "All 18 cells" in said(app)
    assert said(app).count("- B = ") == 6
    (one,) = charts(app)
    assert one.alt.startswith("Test loss at equal training time over batch size and learning rate. B = 16")
    app.button_group(key="shown").set_value("Test accuracy").run()
    assert charts(app)[0].spec != one.spec


@pytest.mark.usefixtures("real")
def test_a_card_opens_its_runs_and_all_come_back() -> None:
    app = opened(PAGE)
    links = [element.proto.body for element in app.get("html") if "Its runs" in element.proto.body]
    assert [re.findall(r'href="Evidence\?claim=(\w+)"', link) for link in links] == [[name] for name in CLAIMS]
    app.button_group(key="claim").set_value("3b").run()
    assert len(charts(app)) == 3
    app.button_group(key="claim").set_value("all").run()
    assert len(charts(app)) == 1 + len(CLAIMS)


@pytest.mark.usefixtures("real")
def test_a_claim_that_is_not_there_is_all_of_them() -> None:
    app = opened(PAGE, claim="99")
    assert not app.exception
    assert app.button_group(key="claim").value == "all"


def test_new_runs_change_the_card(tmp_path: Path) -> None:
    found = tables(CLAIMS["3"], {"B=16, equal T": 2.0, "B=512, equal T": 1.0}, seeds=5)
    folder = tmp_path / "published"
    with pages_of(folder, tmp_path / "cache"):
        assert "No run that tests a claim is here yet" in said(opened(PAGE))
        store = Store()
        named = {"runs": found.runs, "epochs": found.epochs, "measurements": found.measurements}
        store.published.write(named, {}, "simulated\n")
        text = said(opened(PAGE))
        assert "5 of 5" in said(opened(PAGE, claim="3")).replace("**", "")
        (third,) = [each for each in verdicts.verdicts(report.tables(store)) if each.claim.name == "3"]
    assert third.outcome == "not supported"
    assert "3 · Noise decides what is found :primary-badge[not supported]" in text
    assert "more noise does worse here" in text


def test_with_nothing_there_every_card_still_says_so(tmp_path: Path) -> None:
    with pages_of(tmp_path / "nothing", tmp_path / "cache"):
        app = opened(PAGE, claim="3")
        assert not app.exception
        assert "No run of these arms is here yet." in said(app)
        assert "no seed of both" in said(app)
