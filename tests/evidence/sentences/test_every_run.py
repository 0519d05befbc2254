from __future__ import annotations

import pandas as pd
import pytest

from sgd_core.charts.axes import AXES
from sgd_core.evidence.sentences import every_run


@pytest.mark.parametrize(
    ("found", "said"),
    [(0, "0 runs. Tick rows"), (1, "1 run. Tick"), (200, "200 runs. Tick"),
     (10_000, "10,000 runs. The first 200 are shown. Tick")],
)  # fmt: skip
def test_how_many_are_listed(found: int, said: str) -> None:
    assert every_run.listed(found, 200, 16).startswith(said)


def test_what_is_missing() -> None:
    assert every_run.not_here(0) == every_run.not_measured(0) == ""
    assert every_run.not_here(1) == "1 of the runs in this link is not here."
    assert every_run.not_here(2) == "2 of the runs in this link are not here."
    assert every_run.not_measured(1) == "1 of the runs has no value of this measure."
    assert every_run.not_measured(3) == "3 of the runs have no value of this measure."


def test_the_chart_in_words_says_where_every_run_ends() -> None:
    rows = [("b", 1, 0.5), ("b", 0, 0.25), ("a", 0, 0.75), ("a", 1, None)]
    curves = pd.DataFrame(rows, columns=["run", "epoch", "y"])
    said = every_run.described(curves.dropna(), "Train loss", AXES["time"])
    assert said == "Train loss along training time: b ends at 0.500; a ends at 0.750."


@pytest.mark.parametrize(("every", "nth"), [(2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (21, "21st")])
def test_thinned_curves_say_so(every: int, nth: str) -> None:
    assert every_run.thinned(every) == f"So many curves: every {nth} epoch is drawn."
    assert every_run.thinned(1) == ""


def test_what_an_import_brought() -> None:
    assert every_run.imported(1, 0) == "1 run is imported, and marked so."
    assert every_run.imported(2, 1) == ("2 runs are imported, and marked so. 1 was there already and stays as before.")
    assert every_run.imported(0, 2).endswith("2 were there already and stay as before.")


def test_what_is_deleted_and_exported() -> None:
    assert every_run.deleted(1) == "1 run is deleted."
    assert every_run.deleted(3) == "3 runs are deleted."
    assert every_run.to_delete(1)[0] == "Delete the ticked run"
    assert every_run.to_delete(4) == (
        "Delete the 4 ticked runs", "These 4 runs are removed, with all curves and notes. Published runs stay."
    )  # fmt: skip
    assert every_run.export(1) == "**Export** this run:"
    assert every_run.export(2).startswith("**Export** these 2 runs")
