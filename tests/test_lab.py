"""The calls for notebooks, and that the example in the docs runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from sgd_core import lab
from sgd_core.experiment import paper
from sgd_core.experiment.spec import SpecError
from sgd_core.runs.kept.store import Store
from tests.conftest import ROOT, with_features

PAGE = ROOT / "docs" / "notebook.md"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, shapes_features: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_features(tmp_path / "cache", shapes_features)
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(ROOT / "cached_runs"))
    monkeypatch.delenv("SGD_MODE", raising=False)
    monkeypatch.delenv("SGD_SCHEDULER", raising=False)


def test_the_example_of_the_docs_runs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    names: dict[str, object] = {}
    exec(code, names)
    row, spec = names["row"], names["spec"]
    assert isinstance(row, pd.DataFrame)
    assert list(row["status"]) == ["done"]
    assert "1 to train" in capsys.readouterr().out
    again = lab.train(spec)  # type: ignore[arg-type]
    assert "0 to train" in capsys.readouterr().out
    assert list(again["key"]) == list(row["key"])
    assert list(lab.epochs([spec])["epoch"]) == [-1, 0, 1, 2, 3, 4]  # type: ignore[list-item]


def test_a_plan_is_the_paper_s() -> None:
    table = lab.plan(lab.spec())
    assert len(table) == 150
    assert table["updates"].iloc[-1] == 27_900
    assert table["training_time"].iloc[-1] == pytest.approx(2.79)
    assert lab.spec() == paper.RUNS[0].spec


def test_runs_are_found_and_their_epochs_read() -> None:
    runs = lab.runs("B=512 mu=1e-4 seed=0 V=33")
    assert set(runs["batch_size"]) == {512}
    epochs = lab.epochs(runs)
    assert set(epochs["key"]) == set(runs["key"])
    assert len(lab.runs()) == len(Store().runs())


def test_every_claim_has_its_row() -> None:
    table = lab.evidence()
    assert {"claim", "verdict", "difference", "low", "high", "margin", "n", "sentence", "caveat"} <= set(table)
    assert table["claim"].is_unique


def test_a_setting_that_cannot_be_is_named() -> None:
    with pytest.raises(SpecError, match="batch_size is 0, but must be a whole number from 1 to 4096"):
        lab.spec(batch_size=0)
