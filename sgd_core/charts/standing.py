"""Where the runs stand at the clock: every run's value, and a sentence on who leads and by how much."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sgd_core.charts.axes import Scale
from sgd_core.charts.clock import GOING, LATEST
from sgd_core.charts.lines import Line, Measure, Style
from sgd_core.charts.look import Spec

CLOSE = 0.01
"""Accuracies this near to each other at the clock are not ranked, nor are losses within a factor of CLOSE_LOSS."""
CLOSE_LOSS = 1.1


def readout(measure: Measure, style: Style, at: Spec, rows: int) -> Spec:
    """Every run's value at the clock, best first, in the corner that the curves leave empty."""
    low, high = (math.log10(v) if measure.loss else v for v in measure.domain)
    step = f"({style.line or (style.type_size + 4) / style.height})"
    place = f"1 - datum.rank * {step}" if measure.loss else f"({rows} + 1 - datum.rank) * {step}"
    value = f"{low} + {high - low} * ({place})"
    mark = {"type": "text", "align": "right", "baseline": "middle", "dx": -12, "fontSize": style.type_size}
    ended = f"({GOING} ? '' : ' (ended)')"
    return {
        "transform": [
            *LATEST,
            {"window": [{"op": "row_number", "as": "rank"}], "sort": [{"field": "y", "order": measure.order}]},
            {"calculate": f"pow(10, {value})" if measure.loss else value, "as": "row"},
            {"calculate": f"datum.run + {ended} + '   ' + format(datum.y, '{measure.format}')", "as": "text"},
            {"calculate": "1", "as": "x"},
        ],
        "mark": {**mark, "fontWeight": 600},
        "encoding": {
            **at,
            "y": {**at["y"], "field": "row"},
            "text": {"field": "text"},
            "opacity": {
                "condition": {"test": "isValid(isolated) && isolated !== datum.run", "value": 0.15},
                "value": {"expr": "width < 480 ? 0 : 1"},
            },
        },
    }


def sentence(lines: Sequence[Line], scale: Scale, measure: Measure, style: Style) -> Spec:
    """What is on screen at the clock, computed there: who leads and by how much, or that it is too close to rank.

    Only runs that reach the clock are compared, each by its newest epoch. No test is made: the leader was picked.
    """
    size = style.type_size + 1
    text = f"{_here(scale)} + {_ranking(lines, measure)}"
    seeds = "isValid(datum.low) ? 'Means over seeds, and no test.' : 'One seed each: small gaps may be chance.'"
    second = [
        {"calculate": f"datum.rank == {place} ? datum.{field} : null", "as": name}
        for place, field, name in ((1, "y", "y1"), (2, "y", "y2"), (2, "run", "run2"))
    ]
    taken = [("max", "y1", "first"), ("max", "y2", "second"), ("max", "run2", "runner")]
    level = [
        {"calculate": f"{_near('datum.first', measure)} ? 1 : 0", "as": "level"},
        {"calculate": f"datum.rank > 1 && {_near('datum.second', measure)} ? 1 : 0", "as": "behind"},
    ]
    return {
        "height": 3 * (size + 5),
        "transform": [
            *LATEST,
            {"filter": GOING},
            {"window": [{"op": "row_number", "as": "rank"}], "sort": [{"field": "y", "order": measure.order}]},
            *second,
            {"joinaggregate": [*({"op": op, "field": of, "as": name} for op, of, name in taken),
                               {"op": "count", "as": "runs"}]},
            *level,
            {"joinaggregate": [{"op": "sum", "field": of, "as": f"{of}s"} for of in ("level", "behind")]},
            {"filter": "datum.rank == 1"},
            {"calculate": text if len(lines) == 1 else f"{text} + '\\n' + ({seeds})", "as": "text"},
        ],
        "mark": {
            "type": "text", "align": "left", "baseline": "top", "lineBreak": "\n", "fontSize": size, "color": style.ink,
        },
        "encoding": {"x": {"value": 0}, "y": {"value": 6}, "text": {"field": "text"}},
    }  # fmt: skip


def _here(scale: Scale) -> str:
    return f"'At {scale.axis.place} ' + {scale.expression('now')} + ', '"


def _near(other: str, measure: Measure) -> str:
    """A Vega expression: whether a run's value is too near to another to be ranked."""
    if measure.loss:
        return f"max(datum.y, {other}) <= {CLOSE_LOSS} * min(datum.y, {other})"
    return f"abs(datum.y - {other}) < {CLOSE}"


def _ranking(lines: Sequence[Line], measure: Measure) -> str:
    """A Vega expression for the words after the place."""
    value, first = f"format(datum.y, '{measure.format}')", f"format(datum.first, '{measure.format}')"
    if len(lines) == 1:
        return f"datum.run + ' is at ' + {value} + '.'"
    gap = "abs(datum.y - datum.second)"
    gap = f"format({gap}, '.3f')" if measure.loss else f"format(100 * {gap}, '.1f') + ' points'"
    alone = f"'only ' + datum.run + ' has come so far,\\nto ' + {value} + '.'"
    close, best = ("within a tenth", "lowest") if measure.loss else ("within 1 point", "best")
    level = (
        "(datum.levels == datum.runs ? 'all ' + datum.runs : datum.levels + ' of ' + datum.runs) + "
        f"' runs lie {close} of the {best},\\n' + {first} + ': too close to rank.'"
    )
    leads, ahead = ("is lowest with", "' below '") if measure.loss else ("leads with", "' ahead of '")
    who = "(datum.behinds > 1 ? 'the next ' + datum.behinds + ', which are level' : datum.runner)"
    leader = f"datum.run + ' {leads} ' + {value} + ',\\n' + {gap} + {ahead} + {who} + '.'"
    return f"(datum.runs == 1 ? {alone} : datum.levels > 1 ? {level} : {leader})"
