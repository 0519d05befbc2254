"""The clock of a chart of learning curves and all else that moves it: the glide, the pointer, the isolated run.

Everything a reader does with it (play, scrub, hover, isolate) happens in Vega signals, without a server round trip.
Here stand the signals, and the transforms and expressions of the panels that hear them.
"""

from __future__ import annotations

import math

from sgd_core.charts import player
from sgd_core.charts.lines import MEAN, NEVER
from sgd_core.charts.look import Spec

END = 1000
"""The player's clock counts positions in thousandths."""
PACE = 5
HOLD = 200
"""For so many thousandths the whole curves stay before the player starts again."""
FRAME_MS, GLIDE_MS, GLIDE_STEPS = 40, 1000, 5
"""A glide goes by the clock, and in so many steps at least: a browser that is too slow for both comes late, and does
not jump."""
TIMER: Spec = {"type": "timer", "throttle": FRAME_MS}
DRAWN: Spec = {"name": "drawn", "init": "now()", "on": [{"events": TIMER, "update": "now()"}]}
"""When the last frame was drawn; stands after every signal that goes onward, which reads it."""
AXIS = 92
"""Pixels that the y axis takes of a chart's width, labels and title and padding together."""


def onward(glide: str, ms: float) -> str:
    """The next value of a signal that glides from 0 to 1 in so many milliseconds, at every TIMER."""
    return f"min(1, {glide} + min((now() - drawn) / {ms}, 1 / {GLIDE_STEPS}))"


def signals(glides: bool, step: float, room: str) -> list[Spec]:
    """The signals of the chart; `glides` starts the points on the axis that they come from.

    `step` is how far along the axis (0 to 1) an arrow key moves the clock, `room` a Vega expression for the pixels that
    are kept free at the right.
    """
    step = math.floor(END * step * 1e6) / 1e6  # rounded down, or the last step would lie beyond the end
    clock = player.signals(
        "Move along the axis", END, END, pace=PACE, step=step, rest=HOLD - PACE, frame_ms=FRAME_MS, at_once=True
    )
    return [
        *clock,
        {"name": "room", "update": room},
        {
            "name": "glide",
            "value": 0 if glides else 1,
            "on": [{"events": TIMER, "update": onward("glide", GLIDE_MS)}],
        },
        DRAWN,
        {"name": "now", "update": f"min(clock, {END}) / {END} + 1e-6"},
        {"name": "pointer", "value": -1, "on": [{"events": "pointermove, pointerdown", "update": _POINTED}]},
        {
            "name": "isolated",
            "value": None,
            "on": [{"events": "click", "update": f"({_CLICKED}) === isolated ? null : ({_CLICKED})"}],
        },
    ]


_CLICKED = (
    "!event.item || !datum ? null : event.item.isVoronoi ? datum.datum.run : "
    "isDefined(datum.run) ? datum.run : indexof(event.item.mark.role, 'legend') === 0 ? datum.value : null"
)
"""The run under a click: the nearest curve's, a legend entry's, or none.

Not a selection: bound to the legend it hears no clicks on curves, and told to hear them too it loses the first click on
the legend (Vega-Lite 6.4).
"""


PLOT = f"((containerSize()[0] || width + {AXIS}) - {AXIS})"
"""The width that the plot will have; in a file, where there is no container, it has it already."""
_PANEL = "group('concat_0_group')"
_POINTED = f"{_PANEL} ? x('concat_0_group') / ({_PANEL}.width - room) : pointer"
"""Where along the axis the pointer is, of the panel with the curves; -1 before it has been there."""

_PATH = "datum.before + (datum.position - datum.before) * glide * glide * (3 - 2 * glide)"
GLIDING = f"glide >= 1 ? datum.position : {_PATH}"
GOING = f"datum.until < {NEVER} || datum.position >= now - 2 / {END}"
"""Whether a run reaches the clock, asked of its newest row: one that has ended before is no longer ranked."""
SHOWN = {"filter": "datum.position <= now"}
WHICH = f"datum.seed != {MEAN} ? datum.seed : isValid(datum.low) ? 'mean' : 'one seed'"
"""Which seed a row is of."""
MEANS = {"filter": f"datum.seed == {MEAN}"}
LATEST = [SHOWN, MEANS, {"filter": "datum.until > now"}]
"""The newest row of every run."""


def opacity(strong: float, weak: float = 0.1) -> Spec:
    """A channel that is weak for all runs but the isolated one, where there is one."""
    return {"condition": {"test": "!isValid(isolated) || isolated === datum.run", "value": strong}, "value": weak}
