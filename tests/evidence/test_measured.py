"""Tables of what probes measured: of which runs, where along training, and what follows at equal places."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from sgd_core import settings
from sgd_core.evidence import edge, gauges, neighbours, shares, sharpness, twins
from sgd_core.evidence.ends import Tables
from sgd_core.experiment.claims import LARGE, LARGE_FAST, NOMINAL
from sgd_core.experiment.measurements import EDGE
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.published import PublishedRuns
from tests.evidence.probed import Made

NOTHING = Made().tables()


def of_seed(spec: RunSpec, seed: int, **changed: int) -> RunSpec:
    return spec.model_copy(update={"seed": seed, **changed})


def sharp(spec: RunSpec, factor: float = 1.0) -> dict[tuple[str, int], dict[str, float]]:
    """Curvature that rises with epochs, ten times the factor, and a trace and a sharpness of a hundred times it."""
    last = spec.epochs - 1
    return {
        (probe, epoch): values
        for epoch in (-1, 4, last)
        for probe, values in {
            "curvature": {"largest_eigenvalue": 10 * factor * (epoch + 2), "steps": 9.0},
            "trace": {"trace": 100 * factor * (epoch + 2), "trace_se": 1.0},
            "sharpness": {"adaptive": 100 * factor, "adaptive_se": 2.0},
        }.items()
    }


@pytest.fixture
def sharp_runs() -> Tables:
    made = Made()
    for seed in (0, 1, 2):
        made.add(of_seed(NOMINAL, seed), sharp(NOMINAL, 1 + seed))
    made.add(of_seed(LARGE, 0), sharp(LARGE, 5))
    made.add(of_seed(LARGE_FAST, 0), {})  # trained, and not measured
    return made.tables()


def test_curvature_stands_beside_where_along_training_it_was_measured(sharp_runs: Tables) -> None:
    table = sharpness.table(sharp_runs)
    assert list(table.columns) == sharpness.COLUMNS
    assert len(table) == 4 * 3 * 3
    assert set(table["run"]) == {"B=16, mu=1e-4", "B=512, mu=1e-4"}
    row = table[(table["run"] == "B=16, mu=1e-4") & (table["seed"] == 1) & (table["epoch"] == 4)]
    values = dict(zip(row["measure"], row["value"]))
    assert values == {"largest eigenvalue": 120, "trace": 1200, "scale-free sharpness": 200}
    errors = dict(zip(row["measure"], row["standard_error"]))
    assert math.isnan(errors.pop("largest eigenvalue"))
    assert errors == {"trace": 1, "scale-free sharpness": 2}
    first = row.iloc[0]
    assert (first["updates"], first["reported_loss"]) == (5 * 186, pytest.approx(2 / 6))
    assert first["training_time"] == pytest.approx(0.093)
    assert first["effective_time"] == pytest.approx(0.0921)
    untrained = table[table["epoch"] == -1]
    assert set(untrained["training_time"]) == {0}
    assert untrained["train_loss"].isna().all()
    assert set(untrained["reported_loss"]) == {2}


def test_means_are_over_seeds_with_an_interval_where_there_are_several(sharp_runs: Tables) -> None:
    means = sharpness.means(sharpness.table(sharp_runs))
    at = means[(means["measure"] == "trace") & (means["epoch"] == 4)].set_index("run")
    assert list(at["n"]) == [3, 1]
    assert at["mean"].tolist() == [1200, 3000]
    assert at["low"].iloc[0] < 1200 < at["high"].iloc[0]
    assert math.isnan(at["low"].iloc[1])
    assert at["effective_time"].iloc[0] == pytest.approx(0.0921)


def test_runs_are_compared_at_equal_loss_and_equal_time(sharp_runs: Tables) -> None:
    table = sharpness.table(sharp_runs)
    equal = sharpness.compared(table, "reported_loss", 1 / 3)  # at epoch 4 of every run
    found = equal[equal["measure"] == "largest eigenvalue"].set_index(["run", "seed"])["value"]
    assert found["B=512, mu=1e-4", 0] == pytest.approx(300)
    assert found["B=16, mu=1e-4", 2] == pytest.approx(180)
    # Half way between two measurements along an axis it is their geometric mean; B=512 never gets as far as T=1.
    one = table[(table["measure"] == "trace") & (table["seed"] == 0) & (table["run"] == "B=16, mu=1e-4")]
    (start, later) = one["training_time"].iloc[1:3]
    between = sharpness.compared(table[table["seed"] == 0], "training_time", (start + later) / 2)
    trace = between[between["measure"] == "trace"]
    assert list(trace["run"]) == ["B=16, mu=1e-4"]
    assert trace["value"].iloc[0] == pytest.approx(math.sqrt(600 * 15100))


def test_of_a_seed_the_most_views_along_which_was_measured_stand() -> None:
    made = Made()
    made.add(of_seed(NOMINAL, 0, views=33), {("trace", -1): {"trace": 1.0, "trace_se": 0.1}})
    made.add(of_seed(NOMINAL, 0, views=151), {})
    few = gauges.measured([NOMINAL], "trace", made.tables())
    assert few["trace"].tolist() == [1]
    made.add(of_seed(NOMINAL, 0, views=200), {("trace", -1): {"trace": 2.0, "trace_se": 0.1}})
    assert gauges.measured([NOMINAL], "trace", made.tables())["trace"].tolist() == [2]


def test_of_a_seed_the_run_that_was_measured_along_its_way_stands() -> None:
    made = Made()
    way = {("trace", epoch): {"trace": 1.0 + epoch, "trace_se": 0.1} for epoch in (0, 1, 2)}
    made.add(of_seed(NOMINAL, 0, views=33), way)
    made.add(of_seed(NOMINAL, 0, views=151), {key: way[key] for key in [("trace", 0), ("trace", 2)]})
    assert gauges.measured([NOMINAL], "trace", made.tables())["trace"].tolist() == [1, 2, 3]


def test_a_curvature_that_is_no_number_or_zero_is_not_between_others() -> None:
    rows = pd.DataFrame(
        {"run": "a", "seed": 0, "updates": [0.0, 1, 2, 3], "value": [1.0, math.nan, 0.0, 8.0]}
    )  # fmt: skip
    assert gauges.at(rows, "updates", 1)["value"].tolist() == pytest.approx([2])
    assert gauges.at(rows, "updates", 4).empty


def test_the_edge_is_two_and_twice_the_momentum_over_the_rate() -> None:
    made = Made()
    thrown, trained = EDGE["B=16, mu=0.02"], EDGE["B=512, mu=0.1"]
    for spec, status, values in (
        (thrown, "failed to learn", {-1: 19.0, 9: 0.1}), (trained, "diverged", {-1: 76.0, 1: math.nan}),
    ):  # fmt: skip
        curvatures = {("curvature", epoch): {"largest_eigenvalue": value} for epoch, value in values.items()}
        made.add(spec, curvatures, status, epochs=max(values) + 1)
    found = made.tables()
    table = edge.table(found)
    assert list(table["run"]) == ["B=16, mu=0.02"] * 2 + ["B=512, mu=0.1"] * 2
    assert table["limit"].tolist() == pytest.approx([190, 190, 38, 38])
    assert table["relative"].tolist()[:3] == pytest.approx([0.1, 0.1 / 190, 2])
    assert math.isnan(table["relative"].iloc[3])
    ends = edge.ends(found)
    assert ends[["run", "status", "epochs"]].values.tolist() == [
        ["B=16, mu=0.02", "failed to learn", 10], ["B=512, mu=0.1", "diverged", 2],
    ]  # fmt: skip
    assert ends["accuracy"].tolist() == pytest.approx([2900 / 2967] * 2)


def test_shares_are_told_by_part_and_the_noise_scale_by_what_is_counted() -> None:
    made = Made()
    values = {
        f"{name}{end}": value + extra
        for name, value in {"images": 1.0, "crops": 2.0, "masks": 7.0}.items()
        for end, extra in {"": 0.0, "_se": 0.5, "_share": -0.9 * value, "_share_se": 0.01 - value}.items()
    }
    made.add(LARGE, {
        ("noise_shares", 4): {**values, "noise_scale": 900.0},
        ("gradient_noise", 4): {"noise_scale": 100.0, "total_noise_scale": -3.0},
    })  # fmt: skip
    found = made.tables()
    table = shares.table(found)
    assert list(table.columns) == shares.COLUMNS
    assert table["part"].tolist() == ["images", "crops", "masks"]
    assert table["trace"].tolist() == [1, 2, 7]
    assert table["trace_error"].tolist() == [1.5, 2.5, 7.5]
    assert table["share"].sum() == pytest.approx(1)
    assert table["share_error"].tolist() == pytest.approx([0.01] * 3)
    scales = shares.scales(found).set_index("counted")["noise_scale"]
    assert (scales["dropout off"], scales["dropout and crops"]) == (100, 900)
    assert math.isnan(scales["dropout on"])


def test_where_crops_were_not_told_apart_masks_are_known_from_the_other_probe() -> None:
    made = Made()
    coarse = {"dropout_trace": 600.0, "dropout_trace_se": 40.0, "total_trace": 800.0, "noise_scale": 500.0}
    fine = {f"{part}{end}": 0.0 for part in ("images", "crops", "masks") for end in ("", "_se", "_share", "_share_se")}
    fine |= {"masks_share": 0.7, "crops_share": 0.1, "images_share": 0.2, "noise_scale": 900.0, "noise_scale_se": 30.0}
    made.add(NOMINAL, {("gradient_noise", 4): {**coarse, "total_noise_scale": 1000.0}, ("noise_shares", 4): fine})
    made.add(LARGE, {("gradient_noise", 4): {**coarse, "total_noise_scale": 1200.0}})
    known = shares.known(made.tables())
    assert list(known.columns) == shares.COLUMNS
    assert known[["run", "part", "share"]].values.tolist() == [
        ["B=16, mu=1e-4", "images", 0.2], ["B=16, mu=1e-4", "crops", 0.1], ["B=16, mu=1e-4", "masks", 0.7],
        ["B=512, mu=1e-4", "images and crops", 0.25], ["B=512, mu=1e-4", "masks", 0.75],
    ]  # fmt: skip
    last = known.iloc[-1]
    assert (last["trace"], last["trace_error"], last["share_error"]) == (600, 40, 0.05)
    assert shares.fresh(known) == shares.Fresh(0.7, 0.75, crops=False)
    apart = shares.fresh(known.head(3))
    assert apart is not None
    assert [apart.low, apart.high] == pytest.approx([0.8, 0.8])
    assert apart.crops
    assert shares.fresh(shares.known(NOTHING)) is None
    both = shares.off_and_on(shares.scales(made.tables()))
    assert both[["run", "dropout", "noise_scale"]].values.tolist() == [
        ["B=16, mu=1e-4", "off", 500], ["B=512, mu=1e-4", "off", 500],
        ["B=16, mu=1e-4", "on", 900], ["B=512, mu=1e-4", "on", 1200],
    ]  # fmt: skip
    assert both["noise_scale_error"].tolist()[2:] == [30, pytest.approx(math.nan, nan_ok=True)]


def test_a_scale_below_zero_is_not_known() -> None:
    made = Made()
    made.add(NOMINAL, {("gradient_noise", 4): {"noise_scale": 100.0, "total_noise_scale": -5.0}})
    both = shares.off_and_on(shares.scales(made.tables()))
    assert both["dropout"].tolist() == ["off"]
    assert shares.off_and_on(shares.scales(NOTHING)).empty


def test_finals_are_told_with_and_without_twins() -> None:
    made = Made()
    last = NOMINAL.epochs - 1
    values = {
        "test_images": 2000.0, "test_correct": 1990.0, "test_loss": 0.05,
        "test_apart_images": 1861.0, "test_apart_correct": 1852.0, "test_apart_loss": 0.055,
        "test_far_images": 0.0, "test_far_correct": 0.0,
    }  # fmt: skip
    key = made.add(
        of_seed(NOMINAL, 3), {("twins", last): values, ("twins", 4): {"val_images": 409.0, "val_correct": 4.0}}
    )
    made.add(LARGE, {})
    finals = twins.finals(made.tables())
    assert list(finals.columns) == twins.COLUMNS
    assert finals[["run", "seed", "key", "split", "part"]].values.tolist() == [
        ["B=16, mu=1e-4", 3, key, "test", "all"], ["B=16, mu=1e-4", 3, key, "test", "apart"],
    ]  # fmt: skip
    assert finals["accuracy"].tolist() == pytest.approx([0.995, 1852 / 1861])
    (difference,) = twins.differences(finals).to_dict("records")
    assert difference["points"] == pytest.approx(100 * (1852 / 1861 - 0.995))
    assert difference["loss"] == pytest.approx(0.005)


def test_what_is_kept_of_twins_is_read() -> None:
    kept = neighbours.kept(PublishedRuns(settings.ROOT / "cached_runs"))
    assert (kept["val"].twins, kept["test"].twins) == (30, 139)
    assert kept["val"].share == 1
    assert kept["test"].share == pytest.approx(0.994)
    told = json.loads((settings.ROOT / "cached_runs" / neighbours.FILE).read_text())
    assert {"commit", "command", "data_fingerprint"} <= set(told)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (sharpness.table, sharpness.COLUMNS), (edge.table, edge.COLUMNS), (edge.ends, edge.ENDS),
        (shares.table, shares.COLUMNS), (shares.scales, shares.SCALE_COLUMNS), (twins.finals, twins.COLUMNS),
    ],
)  # fmt: skip
def test_where_nothing_is_measured_there_are_no_rows(table: object, columns: list[str]) -> None:
    found = table(NOTHING)  # type: ignore[operator]
    assert found.empty
    assert list(found.columns) == columns


def test_nothing_is_compared_where_nothing_is_measured() -> None:
    empty = sharpness.table(NOTHING)
    assert sharpness.compared(empty, "updates", 1.0).empty
    assert sharpness.means(empty).empty
    assert twins.differences(twins.finals(NOTHING)).empty
