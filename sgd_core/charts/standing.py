"""Where the runs stand at the clock: every run's value at its curve's end, and who leads and by how much.

The values have a room of their own at the right, where no curve crosses them: each stands as high as its curve ends, or
as near to that as the others leave room. On a phone the room has place for numbers only; colour says whose they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sgd_core.charts.axes import Scale
from sgd_core.charts.clock import GOING, LATEST, opacity
from sgd_core.charts.lines import Line, Measure, Style
from sgd_core.charts.look import Spec

CLOSE = 0.01
"""Accuracies this near to each other at the clock are not ranked, nor are losses within a factor of CLOSE_LOSS."""
CLOSE_LOSS = 1.1


VALUES, POINTS = "values", "points"
"""The names of the values at the curves' ends and of the points there, by which a page finds them in the browser."""
GAP = 14
"""Pixels between a curve's end, with a mark of the authors' on it, and its value."""
NARROW = 480
"""Pixels of a plot on a phone."""


def room(lines: Sequence[Line], style: Style) -> str:
    """A Vega expression for the pixels that the values take at the right of a plot."""
    # " (ended)" along epochs too, where no run has: a glide must not change the width of the plot.
    longest = max(len(line.run) for line in lines) + len("100.0%    (ended)")
    letter = 0.52 * style.type_size
    names = f"min({round(longest * letter) + GAP}, 0.3 * width)"
    return f"(width < {NARROW} ? {round(6 * letter) + GAP} : {names})"


def readout(measure: Measure, style: Style, at: Spec) -> Spec:
    """Every run's value at the clock, written where its curve ends."""
    line = f"({style.line or (style.type_size + 4) / style.height})"
    named = f"'   ' + datum.run + ({GOING} ? '' : ' (ended)')"
    return {
        "name": VALUES,
        "transform": [
            *LATEST,
            *apart(measure, line),
            {
                "calculate": f"format(datum.y, '{measure.format}') + (width < {NARROW} ? '' : {named})",
                "as": "text",
            },
        ],
        "mark": {
            "type": "text", "align": "left", "baseline": "middle", "fontSize": style.type_size, "fontWeight": 600,
            "limit": {"expr": f"room - {GAP}"},
        },
        "encoding": {
            "x": {"value": {"expr": f"width - room + {GAP}"}},
            "y": {**at["y"], "field": "row"},
            "color": at["color"],
            "text": {"field": "text"},
            "opacity": opacity(1, 0.15),
        },
    }  # fmt: skip


def apart(measure: Measure, line: str) -> list[Spec]:
    """Transforms that give every row `row`: where on the axis to write beside a curve that ends at its `y`.

    From the top down none is nearer to the one above than a `line`, a Vega expression for a share of the height, and
    none so low that the rest have no place.
    """
    low, high = (math.log10(v) if measure.loss else v for v in measure.domain)
    y = "log(datum.y) / LN10" if measure.loss else "datum.y"
    beneath = f"max(datum.least - datum.rank * {line}, (datum.runs - datum.rank + 0.5) * {line})"
    value = f"{low} + {high - low} * {beneath}"
    return [
        {"calculate": f"clamp(({y} - {low}) / {high - low}, 0, 1)", "as": "share"},
        {
            "window": [{"op": "row_number", "as": "rank"}, {"op": "count", "as": "runs"}],
            "frame": [None, None],
            "sort": [{"field": "share", "order": "descending"}],
        },
        {"calculate": f"datum.share + datum.rank * {line}", "as": "reach"},
        {"window": [{"op": "min", "field": "reach", "as": "least"}], "sort": [{"field": "rank"}]},
        {"calculate": f"pow(10, {value})" if measure.loss else value, "as": "row"},
    ]


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
