"""Where runs are compared, what is read between measured epochs, and what is still to be measured."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sgd_core.evidence import sharper
from sgd_core.evidence.sharper import Place
from sgd_core.experiment.claims import LARGE, LARGE_FAST, NOMINAL
from tests.evidence.probed import Made

SLOW, FAST = "slow", "fast"


def rows(run: str, seed: int, values: list[tuple[int, float, float, float]], views: int = 151) -> pd.DataFrame:
    """One run of one seed: (epochs trained, T_eff, loss, value)."""
    return pd.DataFrame(values, columns=["trained", "effective_time", "reported_loss", "value"]).assign(
        run=run, seed=seed, views=views, key=f"{run} {seed} {views}", epoch=lambda of: of["trained"] - 1
    )


BOTH = pd.concat(
    [
        rows(SLOW, 0, [(0, 0.0, 2.3, 12), (10, 0.1, 0.4, 80)]),
        rows(FAST, 0, [(1, 0.025, 1.6, 40), (4, 0.4, 0.1, 20), (10, 2.0, 0.03, 10)]),
    ]
)


@pytest.mark.parametrize(
    ("place", "at", "slow", "fast", "between"),
    [
        ("trained", 10, 80, 10, False),
        ("effective_time", 0.1, 80, math.sqrt(40 * 20), True),  # half way on log axes
        ("reported_loss", 0.4, 80, math.sqrt(40 * 20), True),
    ],
)
def test_runs_are_compared_where_the_one_that_comes_least_far_ends(
    place: Place, at: float, slow: float, fast: float, between: bool
) -> None:
    found = sharper.compared(BOTH, place)
    assert found is not None
    assert found.place == pytest.approx(at)
    assert found.values == pytest.approx({SLOW: slow, FAST: fast})
    assert (found.readings[SLOW].between, found.readings[FAST].between) == (False, between)
    assert found.lacking == ()


@pytest.mark.parametrize(("time", "there"), [(0.109, True), (0.111, False), (0.2, False)])
def test_a_value_is_taken_from_near_by_and_not_from_afar(time: float, there: bool) -> None:
    later = rows(FAST, 0, [(5, time, 0.4, 33), (9, 2 * time, 0.39, 99)])
    found = sharper.compared(pd.concat([BOTH[BOTH["run"] == SLOW], later]), "effective_time")
    assert found is not None
    assert found.place == pytest.approx(0.1)
    assert found.values == pytest.approx({SLOW: 80, FAST: 33} if there else {SLOW: 80})
    assert found.lacking == (() if there else (FAST,))


def test_epochs_are_never_taken_from_near_by() -> None:
    found = sharper.compared(pd.concat([rows(SLOW, 0, [(150, 1, 1, 5)]), rows(FAST, 0, [(160, 1, 1, 7)])]), "trained")
    assert found is not None
    assert found.lacking == (FAST,)


def test_seeds_are_taken_together_by_their_geometric_mean_and_of_the_most_views() -> None:
    parts = [
        rows(SLOW, 0, [(10, 0.1, 0.4, 20)]), rows(SLOW, 2, [(10, 0.1, 0.4, 80)]),
        rows(SLOW, 5, [(10, 0.1, 0.4, 9999)], views=33),
    ]  # fmt: skip
    found = sharper.compared(pd.concat(parts), "trained")
    assert found is not None
    assert found.readings[SLOW].value == pytest.approx(40)
    assert found.readings[SLOW].seeds == (0, 2)


def test_nothing_is_compared_where_nothing_is_known() -> None:
    assert sharper.compared(BOTH.head(0), "trained") is None
    assert sharper.compared(rows(SLOW, 0, [(10, math.nan, math.nan, 3)]), "reported_loss") is None
    assert sharper.compared(rows(SLOW, 0, [(0, 0.0, 2.3, 3)]), "effective_time") is None


def test_an_untrained_head_has_a_loss_and_no_place_along_time() -> None:
    found = sharper.compared(pd.concat([BOTH, rows("new", 0, [(0, 0.0, 2.3, 12)])]), "reported_loss")
    assert found is not None
    assert found.place == pytest.approx(2.3)
    assert found.values == pytest.approx({SLOW: 12, "new": 12})
    assert found.lacking == (FAST,)


def test_a_run_is_told_with_its_name_views_and_how_long_it_trained() -> None:
    made = Made()
    values = {("curvature", -1): {"largest_eigenvalue": 12.0}, ("curvature", 4): {"largest_eigenvalue": math.nan},
              ("trace", 4): {"trace": -3.0, "trace_se": 9.0}}  # fmt: skip
    made.add(LARGE_FAST.model_copy(update={"views": 33}), values)
    table = sharper.table(made.tables())
    assert table[["run", "views", "trained", "value"]].values.tolist() == [["B=512, μ=32e-4", 33, 0, 12]]


def test_what_is_still_to_be_measured_is_named() -> None:
    made = Made()
    whole = {
        (probe, epoch): {name: 1.0, f"{name}_se": 0.1}
        for epoch in (-1, 0, 1, 4, 14, 49, 149)
        for probe, name in (("curvature", "largest_eigenvalue"), ("trace", "trace"), ("sharpness", "adaptive"))
    }
    made.add(LARGE, whole)
    made.add(NOMINAL, {at: value for at, value in whole.items() if at[1] != 14 and at != ("trace", 49)})
    made.add(LARGE_FAST.model_copy(update={"seed": 1}), whole)
    every = [-1, 0, 1, 4, 14, 49, 149]
    assert sharper.lacking(sharper.table(made.tables())) == {"B=16, μ=1e-4": [14, 49], "B=512, μ=32e-4": every}
