"""The forest plot as data: where bars, tints and arrows lie, whatever the runs showed."""

from __future__ import annotations

import json
import math

import pytest

from sgd_core.charts import forest
from sgd_core.charts.curves import Style
from sgd_core.charts.forest import LIMIT, LOG_TICKS, Row, Tick, chart

COLOURS = {"supported": "#0000ff", "not supported": "#ff0000", "cannot tell yet": "#888888"}
STYLE = Style("#23211d", "#fcfbf8")
NAN = math.nan


def values(*rows: Row) -> list[dict[str, object]]:
    found: list[dict[str, object]] = chart(rows, COLOURS, LOG_TICKS, STYLE)["data"]["values"]
    return found


def row(mean: float, low: float, high: float, kind: str = "more", light: bool = False) -> Row:
    return Row("1 A claim", "supported", "50% lower", kind, mean, low, high, light)  # type: ignore[arg-type]


def test_the_scale_is_the_same_to_both_sides_and_ends_at_a_factor_of_four() -> None:
    assert pytest.approx(math.log(4)) == LIMIT * math.log(1.1)
    assert [tick.label for tick in LOG_TICKS] == ["×4", "×2", "equal", "×2", "×4"]
    assert [tick.at for tick in LOG_TICKS] == [pytest.approx(-tick.at) for tick in LOG_TICKS[::-1]]
    for layer in chart([row(1, 0, 2)], COLOURS, LOG_TICKS, STYLE)["layer"]:
        x = layer["encoding"]["x"]
        assert x.get("scale", {"domain": [-LIMIT, LIMIT]})["domain"] == [-LIMIT, LIMIT]


def test_a_claim_of_more_holds_beyond_the_margin_and_one_of_the_same_within_it() -> None:
    more, same = values(row(2, 1, 3), row(0, -1, 1, "same"))
    assert (more["from"], more["to"]) == (1, pytest.approx(LIMIT, abs=1e-3))
    assert (same["from"], same["to"]) == (-1, 1)
    spec = chart([row(2, 1, 3)], COLOURS, LOG_TICKS, STYLE)
    margin = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rect" and "data" in layer)
    assert margin["data"]["values"] == [{"from": -1, "to": 1}]


@pytest.mark.parametrize(
    ("mean", "low", "high", "left", "right", "inside"),
    [
        (2, 1, 3, False, False, True),
        (24, 20, 28, False, True, False),
        (10, 5, 18, False, True, True),
        (-20, -30, -10, True, False, False),
        (0, -40, 40, True, True, True),
        (2, NAN, NAN, False, False, True),
        (20, NAN, NAN, False, True, False),
        (NAN, NAN, NAN, False, False, False),
    ],
)
def test_what_goes_on_beyond_the_picture_ends_in_an_arrow(
    mean: float, low: float, high: float, left: bool, right: bool, inside: bool
) -> None:
    (one,) = values(row(mean, low, high))
    assert (one["left"], one["right"], one["inside"]) == (left, right, inside)
    drawn = [value for name in ("mean", "low", "high") if (value := one[name]) is not None]
    assert all(abs(float(str(value))) <= LIMIT + 1e-3 for value in drawn)


def test_one_seed_has_a_mean_and_no_bar_and_none_has_neither() -> None:
    one, none = values(row(0.5, NAN, NAN), row(NAN, NAN, NAN))
    assert (one["mean"], one["low"], one["high"]) == (0.5, None, None)
    assert none["mean"] is None
    json.dumps(chart([row(NAN, NAN, NAN)], COLOURS, LOG_TICKS, STYLE), allow_nan=False)


def test_every_row_has_its_name_its_outcome_and_a_place_of_its_own() -> None:
    rows = [Row(f"{i}", outcome, "", "more", 0, -1, 1) for i, outcome in enumerate(COLOURS)]
    spec = chart(rows, COLOURS, LOG_TICKS, STYLE)
    assert [value["row"] for value in spec["data"]["values"]] == [0, 1, 2]
    shown = [layer["encoding"]["text"]["field"] for layer in spec["layer"] if layer["mark"]["type"] == "text"]
    assert sorted(shown) == ["name", "name", "note", "outcome", "outcome"]
    colours = [layer["encoding"]["color"]["scale"] for layer in spec["layer"] if "color" in layer["encoding"]]
    assert {json.dumps(scale) for scale in colours} == {
        json.dumps({"domain": list(COLOURS), "range": list(COLOURS.values())})
    }


def test_controls_are_lighter_and_larger_type_needs_taller_rows() -> None:
    assert [value["light"] for value in values(row(1, 0, 2), row(1, 0, 2, light=True))] == [False, True]
    small, large = (
        chart([row(1, 0, 2)] * 9, COLOURS, LOG_TICKS, Style("#000000", "#ffffff", big)) for big in (False, True)
    )
    assert large["height"] > small["height"]
    assert small["height"] <= 320  # with title, question and answer it is seen without scrolling at 720 pixels


def test_ticks_in_points_are_labelled_in_points() -> None:
    spec = chart([row(1, 0, 2)], COLOURS, [Tick(0, "equal"), Tick(4, "+2 points")], STYLE)
    axis = next(layer["encoding"]["x"]["axis"] for layer in spec["layer"] if "axis" in layer["encoding"]["x"])
    assert axis["values"] == [0, 4]
    assert "'+2 points'" in axis["labelExpr"]


def test_nothing_is_wider_than_a_phone() -> None:
    assert forest.NARROW > 390
