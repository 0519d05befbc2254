"""`evidence`: a verdict on every claim, as text and as JSON, from the runs that there are."""

from __future__ import annotations

import json

import pytest

from sgd_core.experiment.claims import CLAIMS
from sgd_core.runs.kept.store import Store
from tests.cli.conftest import Command
from tests.evidence.simulated import tables


@pytest.fixture
def published(store: Store) -> Store:
    """Five seeds of claim 3's arms: B=16 far worse than B=512 at equal training time, noise by weights in between."""
    found = tables(
        CLAIMS["3"], {"B=16, equal T": 2.0, "B=512, equal T": 1.0, "B=512 and noise by weights": 1.5}, seeds=5
    )
    named = {"runs": found.runs, "epochs": found.epochs, "measurements": found.measurements}
    store.published.write(named, {}, "simulated\n")
    return store


@pytest.mark.usefixtures("published")
def test_json_has_one_object_a_claim_with_everything_that_a_verdict_stands_on(command: Command) -> None:
    told = {each["claim"]: each for each in json.loads(command("evidence", "--format", "json").out)}
    assert list(told) == list(CLAIMS)
    keys = {"claim", "verdict", "n", "difference", "low", "high", "margin", "detectable", "control", "sentence"}
    assert [name for name, each in told.items() if not keys <= set(each)] == []
    third = told["3"]
    assert (third["verdict"], third["n"], third["planned_seeds"]) == ("not supported", 5, 5)
    assert third["low"] < third["difference"] < third["high"] < 0 < third["margin"] < third["detectable"]
    assert third["unit"] == "log ratio"
    assert [each["outcome"] for each in third["controls"]] == ["not supported", "cannot tell yet"]
    assert "by noise alone B=512 and noise by weights has a test loss" in third["control"]
    empty = told["7"]
    assert (empty["verdict"], empty["n"], empty["difference"], empty["detectable"]) == (
        "cannot tell yet",
        0,
        None,
        None,
    )


@pytest.mark.usefixtures("published")
def test_the_table_says_the_same_and_every_claim_its_sentence_and_caveat(command: Command) -> None:
    said = command("evidence", "--claim", "3")
    assert said.code == 0
    assert "Not supported: at equal training time B=16, equal T has a test loss" in said.out
    assert "Caveat: At equal updates a run with larger batches has seen more crops" in said.out
    seventh = CLAIMS["7"].title
    assert seventh not in said.out
    assert seventh in command("evidence", "--claim", "7").out


def test_an_unknown_claim_or_format_is_a_sentence(command: Command) -> None:
    assert command("evidence", "--claim", "9").err.startswith("claim is '9', but must be one of 1, 2, 3, 3b")
    assert command("evidence", "--format", "xml").err.startswith("--format is 'xml', but must be one of table, json")
