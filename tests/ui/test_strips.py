"""The strips of schedules: what travels to the browser, and how far a strip follows a value."""

from __future__ import annotations

import pytest

from sgd_core.charts import strips
from sgd_core.charts.look import Look, Spec
from sgd_core.charts.strips import SCHEDULE, TOTALS
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec

LOOK = Look("black", "white", "grey", ("red", "blue"))
RATE, BATCH, NOISE = SCHEDULE
UPDATES, TIME = TOTALS


@pytest.mark.parametrize(
    ("strip", "low", "high", "values", "format"),
    [
        (BATCH, 16, 16, [16], ",d"),  # a batch that stays has its own size as the only tick
        (BATCH, 16, 64, [16, 64], ",d"),
        (BATCH, 1, 1000, [1, 10, 100, 1000], ",d"),
        (RATE, 1e-8, 1e-1, [1e-8, 1e-6, 1e-4, 1e-2], ".3~e"),
        (NOISE, 0.01, 0.02, [0.01, 0.02], "~g"),
    ],
)
def test_a_log_strip_has_powers_of_ten_or_its_ends(
    strip: strips.Strip, low: float, high: float, values: list[float], format: str
) -> None:
    ticks = strips.ticks(strip, low, high)
    assert ticks["values"] == pytest.approx(values)
    assert ticks["format"] == format


def test_a_total_has_a_few_round_ticks() -> None:
    assert strips.ticks(UPDATES, 0, 27_900) == {"tickCount": 3, "format": ",d"}
    assert strips.ticks(TIME, 0, 0.0005)["format"] == ".3~e"


def test_a_run_that_falls_without_end_is_followed_for_a_while() -> None:
    spec = RunSpec(schedule="exponential", decay_rate=2.0, epochs=300, learning_rate=0.1)
    rows, chart = strips.of_run(plan(spec, 2967), LOOK)
    assert len(rows) == 300
    assert (rows["learning_rate"] > 0).all()  # a logarithm of zero would be drawn at minus infinity
    rate, batch, noise = (view["layer"][0]["encoding"]["y"] for view in chart["vconcat"])
    assert rate["scale"]["domain"] == pytest.approx([0.1 * strips.FALLS_TO / 1.4, 0.1 * 1.4])
    assert batch["axis"]["values"] == [16]
    assert noise["title"] == "μ_k / B_k"
    assert list(rows.columns) == ["epoch", "learning_rate", "batch_size", "noise"]


def compared(images: int, *specs: RunSpec) -> Spec:
    rows = strips.frame({name: plan(spec, images) for name, spec in zip(("first", "second"), specs)})
    return strips.compared(rows, images, LOOK)


def test_what_is_too_small_for_the_browsers_numbers_still_has_a_logarithm() -> None:
    spec = RunSpec(schedule="exponential", decay_rate=1.0, epochs=150)  # the paper's own: 1e-69 at its end
    rows = strips.frame({"first": plan(spec, 2967)})
    for name in ("learning_rate", "noise"):
        assert (rows[name] > 0).all()
        assert rows[name].is_monotonic_decreasing


def test_two_schedules_are_told_apart_and_one_needs_no_legend() -> None:
    (top, *_), one = compared(600, RunSpec(), RunSpec(batch_size=32))["vconcat"], compared(600, RunSpec())["vconcat"][0]
    assert [layer["mark"].get("color") for layer in top["layer"]] == ["red", "blue", None]
    assert "legend" in top["layer"][0]["encoding"]["color"]
    assert "color" not in one["layer"][0]["encoding"]


@pytest.mark.parametrize(("batch_size", "lines"), [(16, 0), (500, 1), (600, 1)])
def test_all_images_are_a_line_where_a_batch_comes_near(batch_size: int, lines: int) -> None:
    _, batch, *_ = compared(600, RunSpec(batch_size=batch_size))["vconcat"]
    assert sum(layer["mark"]["type"] == "rule" for layer in batch["layer"]) == lines


def test_a_frame_has_a_row_for_every_epoch_of_every_schedule() -> None:
    plans = {"first": plan(RunSpec(epochs=3), 600), "second": plan(RunSpec(epochs=2, batch_size=32), 600)}
    rows = strips.frame(plans)
    assert list(rows["which"]) == ["first"] * 3 + ["second"] * 2
    assert rows["noise"].tolist() == pytest.approx([1e-4 / 16] * 3 + [1e-4 / 32] * 2)
