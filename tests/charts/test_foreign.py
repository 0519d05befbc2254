"""A curve from elsewhere is dashed, badged and in its place, and the rest of a chart is as it would be without it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import vl_convert

from sgd_core.charts import curves, foreign, growing
from sgd_core.charts.axes import AXES
from sgd_core.charts.lines import MEAN, Line, Measure, Spans, Style
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.foreign import Curve
from tests.charts.drawing import LOOK, WIDTH, svg, texts

ACCURACY, LOSS = Measure("accuracy", (0.5, 1.0)), Measure("train loss", (0.01, 10.0), loss=True)
STYLE = Style("#111111", "#eeeeee")
MINE = Curve("mine", "acc", False, (0.25, 0.5, 0.75, 0.9), {"epoch": (0, 2, 4, 6)})
DASHED = re.compile(r'<path[^>]*d="(M[^"]*)"[^>]*stroke-dasharray="11,5"')
SPEC = RunSpec(epochs=5, batch_size=10)
IMAGES = 100
EPOCHS = AXES["epoch"].scale(pd.Series([0, 4]))


def rows() -> pd.DataFrame:
    epochs = pd.DataFrame(plan(SPEC, IMAGES))[["epoch", "updates", "training_time", "learning_rate", "batch_size"]]
    return epochs.assign(run="ours", seed=MEAN, y=0.8, position=EPOCHS.position(epochs["epoch"]))


def chart(elsewhere: foreign.Overlay | None, measure: Measure = ACCURACY, glides: bool = False) -> dict[str, Any]:
    spans = Spans((1e-4, 1e-2), (10, 20))
    return curves.chart([Line("ours", "#ff0000")], EPOCHS, measure, STYLE, spans, glides=glides, elsewhere=elsewhere)


def grown(elsewhere: foreign.Overlay | None) -> dict[str, Any]:
    run = growing.Curve("ours", SPEC, IMAGES, pd.DataFrame(), "own", "ours")
    return growing.chart([run], ACCURACY, AXES["epoch"], [Line("ours", "#ff0000")], LOOK, elsewhere)


def without(spec: dict[str, Any]) -> dict[str, Any]:
    """The chart less the layer of the curve from elsewhere, which it has."""
    told = json.loads(json.dumps(spec))
    view = told["vconcat"][0] if "vconcat" in told else told
    others = [layer for layer in view["layer"] if layer.get("name") != foreign.NAME]
    assert len(others) == len(view["layer"]) - 1
    view["layer"] = others
    return dict(told)


def test_it_lies_where_its_file_says_and_what_is_beyond_the_axes_is_counted() -> None:
    drawn = foreign.overlay(MINE, EPOCHS, ACCURACY)
    assert drawn is not None
    assert [(row["x"], row["at"], row["y"]) for row in drawn.rows] == [(0, 0, 0.25), (0.5, 2, 0.5), (1, 4, 0.75)]
    assert (drawn.points, drawn.outside, drawn.every) == (4, 2, 1)  # epoch 6, and 0.25 at epoch 0


@pytest.mark.parametrize(
    ("axis", "x"),
    [("updates", [0, 0.5, 1]), ("time", [0, 0.5, 1])],
)
def test_a_log_axis_has_no_place_for_zero(axis: str, x: list[float]) -> None:
    column = AXES[axis].column
    mine = replace(MINE, along={column: (0.0, 1.0, 10.0, 100.0)})
    drawn = foreign.overlay(mine, AXES[axis].scale(pd.Series([1, 100])), ACCURACY)
    assert drawn is not None
    assert [row["x"] for row in drawn.rows] == x
    assert (drawn.points, drawn.outside) == (4, 1)


def test_a_point_without_a_place_is_none_along_this_axis() -> None:
    drawn = foreign.overlay(replace(MINE, along={"epoch": (0, math.nan, 2, 3)}), EPOCHS, ACCURACY)
    assert drawn is not None
    assert (drawn.points, len(drawn.rows), drawn.outside) == (3, 3, 1)


def test_a_loss_is_not_drawn_over_accuracies_nor_anything_along_what_it_does_not_count() -> None:
    assert foreign.overlay(MINE, EPOCHS, LOSS) is None
    assert foreign.overlay(replace(MINE, loss=True), EPOCHS, ACCURACY) is None
    for axis in ("updates", "time", "effective", "images"):
        assert foreign.overlay(MINE, AXES[axis].scale(pd.Series([1, 2])), ACCURACY) is None


def test_a_loss_of_zero_has_a_row_that_a_log_axis_can_take() -> None:
    drawn = foreign.overlay(replace(MINE, loss=True, y=(1.0, 0.0, 1.0, 1.0)), EPOCHS, LOSS)
    assert drawn is not None
    assert [row["y"] for row in drawn.rows] == [1, 0.001, 1]
    picture = vl_convert.vegalite_to_svg(curves.standalone(chart(drawn, LOSS), rows().pipe(curves.pack)[0]))
    assert not re.search(r"NaN|undefined|Infinity", picture)


def test_of_many_points_every_so_manieth_is_drawn_and_the_last() -> None:
    steps = tuple(4 * i / 1000 for i in range(1001))
    drawn = foreign.overlay(replace(MINE, y=(0.75,) * 1001, along={"epoch": steps}), EPOCHS, ACCURACY)
    assert drawn is not None
    assert drawn.every == 4
    assert drawn.rows[-1]["at"] == 4
    assert 250 < len(drawn.rows) <= foreign.MOST
    assert len(json.dumps(drawn.rows)) < 15_000


def test_nothing_else_of_a_chart_knows_of_it() -> None:
    """Data, legend, axes, values at the ends, hover targets and the sentence at the clock are the same."""
    drawn = foreign.overlay(MINE, EPOCHS, ACCURACY)
    for glides in (False, True):
        assert without(chart(drawn, glides=glides)) == json.loads(json.dumps(chart(None, glides=glides)))
    assert without(grown(drawn)) == json.loads(json.dumps(grown(None)))


def test_it_is_dashed_in_ink_with_its_badge_and_waits_for_the_clock() -> None:
    drawn = foreign.overlay(MINE, EPOCHS, ACCURACY)
    data, _ = curves.pack(rows())
    picture = vl_convert.vegalite_to_svg(curves.standalone(chart(drawn), data))
    (line,) = DASHED.findall(picture)
    assert len(re.findall(r"[ML]", line)) == 3
    assert texts(picture).count("from elsewhere: mine") == 2  # one is the ground behind the other
    assert re.search(r'text-anchor="end"[^>]*>from elsewhere', picture)
    early = chart(drawn)
    clock = next(signal for signal in early["config"]["signals"] if signal["name"] == "clock")
    clock["value"] = 600
    clock.pop("on", None)
    (line,) = DASHED.findall(vl_convert.vegalite_to_svg(curves.standalone(early, data)))
    assert len(re.findall(r"[ML]", line)) == 2


def test_at_the_left_its_badge_stands_on_the_right_of_it_and_within_the_plot() -> None:
    drawn = foreign.overlay(replace(MINE, along={"epoch": (0, 0.2, 0.4, 0.6)}), EPOCHS, ACCURACY)
    picture = vl_convert.vegalite_to_svg(curves.standalone(chart(drawn), curves.pack(rows())[0]))
    assert re.search(r'text-anchor="start"[^>]*>from elsewhere', picture)


def test_on_a_growing_chart_too_it_lies_on_the_axis() -> None:
    drawn = foreign.overlay(MINE, growing.scale([growing.Curve("a", SPEC, IMAGES, pd.DataFrame(), "own")],
                                                AXES["epoch"]), ACCURACY)  # fmt: skip
    picture = svg(grown(drawn), pd.DataFrame(columns=list(growing.TYPES)))
    (line,) = DASHED.findall(picture)
    (first, *_, last) = [tuple(map(float, point.split(","))) for point in re.split("[ML]", line)[1:]]
    room = next(float(x) for x in re.findall(r"translate\(([\d.]+),[\d.-]+\)[^>]*>from elsewhere: mine", picture))
    assert first[0] == 0
    assert last[0] == pytest.approx(room + 4, abs=0.01)
    assert last[0] < WIDTH - 50  # beside it is the room for the values
    assert last[1] == pytest.approx(150)
