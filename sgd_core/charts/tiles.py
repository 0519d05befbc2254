"""A map over batch size and learning rate, a number in each tile, with the lines of constant mu/B."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sgd_core.charts import channels
from sgd_core.charts.look import Look, Spec
from sgd_core.experiment.names import rate_of

HEIGHT, ROW = {False: 250, True: 360}, {False: 38, True: 56}
"""Pixels of a map, and of the lowest tile."""
TALLEST = 640


@dataclass(frozen=True)
class Tile:
    """One batch size and learning rate: what is shown as a colour and a number, and over how many seeds."""

    batch_size: int
    learning_rate: float
    value: float
    """NaN where there is no run."""
    seeds: int


def chart(tiles: Sequence[Tile], title: str, format: str, log: bool, ramp: tuple[str, str], look: Look) -> Spec:
    """The description with its data inside; `ramp` has the colours of the lowest and of the highest value."""
    size = look.type_size
    batches = sorted({math.log2(tile.batch_size) for tile in tiles})
    rates = sorted({math.log2(tile.learning_rate) for tile in tiles})
    named = {math.log2(tile.learning_rate): rate_of(tile.learning_rate) for tile in tiles}
    wide, half = _half(batches), _half(rates)
    rows = round((rates[-1] - rates[0]) / (2 * half)) + 1
    x = {
        "type": "quantitative",
        "title": "batch size B",
        "scale": {"domain": _span(batches, wide), "nice": False},
        "axis": {"values": batches, "labelExpr": "format(round(pow(2, datum.value)), 'd')", "grid": False},
    }
    y = {
        "type": "quantitative", "title": "learning rate μ",
        "scale": {"domain": _span(rates, half), "nice": False},
        "axis": {"values": rates, "labelExpr": channels.labels(named), "grid": False},
    }  # fmt: skip
    values = [tile.value for tile in tiles if not math.isnan(tile.value)]
    low, high = (min(values), max(values)) if values else (1.0, 2.0)
    share = 0.62
    bright = low * (high / low) ** share if log else low + share * (high - low)
    return look.framed(
        {
            "height": min(TALLEST, max(HEIGHT[look.large], rows * ROW[look.large])),
            "data": {"values": [_row(tile, wide, half) for tile in tiles]},
            "layer": [
                {
                    "transform": [{"filter": "!isValid(datum.value)"}],
                    "mark": {"type": "rect", "fill": None, "stroke": look.faint, "strokeDash": [3, 3]},
                    "encoding": _square(x, y),
                },
                {
                    "transform": [{"filter": "isValid(datum.value)"}],
                    "mark": {"type": "rect", "stroke": look.paper, "strokeWidth": 2},
                    "encoding": {
                        **_square(x, y),
                        "color": {
                            "field": "value", "type": "quantitative", "legend": None,
                            "scale": {"type": "log" if log else "linear", "range": list(ramp), "interpolate": "lab",
                                      "domain": [low, high if high > low else low * 1.1 + 1e-9]},
                        },
                        "tooltip": [{"field": "told", "title": title}],
                    },
                },
                {
                    "data": {"values": _lines(tiles, wide)},
                    "mark": {"type": "line", "color": look.ink, "opacity": 0.35, "strokeDash": [2, 4], "clip": True},
                    "encoding": {"x": {**x, "field": "x"}, "y": {**y, "field": "y"}, "detail": {"field": "line"}},
                },
                {
                    "transform": [{"filter": "isValid(datum.value)"},
                                  {"calculate": f"format(datum.value, '{format}')", "as": "text"}],
                    "mark": {"type": "text", "fontSize": size + 2, "fontWeight": 600, "dy": -5},
                    "encoding": {
                        "x": {**x, "field": "x"}, "y": {**y, "field": "y"}, "text": {"field": "text"},
                        "color": {"condition": {"test": f"datum.value > {bright}", "value": look.paper},
                                  "value": look.ink},
                    },
                },
                {
                    "mark": {"type": "text", "fontSize": size - 1, "dy": size - 3},
                    "encoding": {
                        "x": {**x, "field": "x"}, "y": {**y, "field": "y"}, "text": {"field": "seeds"},
                        "color": {"condition": {"test": f"datum.value > {bright}", "value": look.paper},
                                  "value": look.ink},
                    },
                },
            ],
        }
    )  # fmt: skip


def _half(places: Sequence[float]) -> float:
    """Half of a tile: of the shortest way between two, so that none lies on another."""
    return min((after - before for before, after in pairwise(places)), default=1.0) / 2


def _row(tile: Tile, wide: float, half: float) -> Spec:
    x, y = math.log2(tile.batch_size), math.log2(tile.learning_rate)
    known = not math.isnan(tile.value)
    seeds = f"{tile.seeds} seed{'s' * (tile.seeds != 1)}" if known else "none"
    return {
        "x": x, "y": y, "left": x - wide, "right": x + wide, "low": y - half, "high": y + half,
        "value": tile.value if known else None, "seeds": seeds,
        "told": f"B = {tile.batch_size}, μ = {tile.learning_rate:g}: {tile.value:.4g}, {seeds}" if known else seeds,
    }  # fmt: skip


def _square(x: Spec, y: Spec) -> Spec:
    return {
        "x": {**x, "field": "left"}, "x2": {"field": "right"}, "y": {**y, "field": "low"}, "y2": {"field": "high"},
    }  # fmt: skip


def _lines(tiles: Sequence[Tile], wide: float) -> list[Spec]:
    """From edge to edge, one line through the middles of all tiles of the same mu/B."""
    noise = sorted({round(math.log2(tile.learning_rate / tile.batch_size), 6) for tile in tiles})
    xs = _span([math.log2(tile.batch_size) for tile in tiles], wide)
    return [{"line": place, "x": x, "y": x + level} for place, level in enumerate(noise) for x in xs]


def _span(values: Sequence[float], half: float) -> list[float]:
    return [min(values) - half, max(values) + half]
