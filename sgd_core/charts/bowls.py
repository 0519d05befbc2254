"""Walkers on bowls of loss over time, one bowl above the other, and how the variance of each cloud grows.

The table of a film has the columns panel, frame and w; the browser finds each walker's height.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgd_core.charts import channels, player
from sgd_core.charts.dots import records
from sgd_core.charts.look import Look, Spec

Floats = npt.NDArray[np.float64]

FRAMES = 60
HEIGHT, BELOW = 100, 90
"""Pixels of a bowl, and of the panel below them."""
DEVIATIONS = 2.0
"""Standard deviations that the bar below a bowl reaches to either side."""
POINTS = 120
"""Points of a line over time."""


@dataclass(frozen=True)
class Panel:
    """One bowl: `label` over it, `more` where there is room, its h, and what theory says of the variance."""

    name: str
    label: str
    more: str
    curvature: float
    learning_rate: float
    exact: float
    """The stationary variance; infinite where there is none."""
    variance: Floats
    """Across walkers, (T+1,) one value a step."""


def film(panel: Panel, paths: Floats, end: float, reach: float) -> pd.DataFrame:
    """The rows of one panel: `paths` (T+1, W) of single walkers at FRAMES + 1 moments up to the time `end`, mu times
    steps, within +- `reach`."""
    times = np.linspace(0, end, FRAMES + 1)
    steps = np.minimum(np.round(times / panel.learning_rate).astype(int), len(paths) - 1)
    places = paths[steps].clip(-reach, reach)
    frames, walkers = places.shape
    return pd.DataFrame({"panel": panel.name, "frame": np.repeat(np.arange(frames), walkers), "w": places.ravel()})


def packed(films: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all panels in small types."""
    rows = pd.concat(films, ignore_index=True)
    return rows.astype({"panel": "category", "frame": "int8", "w": "float32"})


def chart(
    panels: Sequence[Panel],
    small_steps: float,
    end: float,
    reach: float,
    clip: float | None,
    look: Look,
    ghosts: Mapping[str, Floats] | None = None,
) -> Spec:
    """Bowls above each other, and the variances over time below; it draws the table of `packed`.

    `small_steps` is the limit of small steps, `clip` the variance at which a divergence is clipped, None where there is
    none. `ghosts` are the last places of the walkers of a setting before, by the name of the panel. The axes depend on
    `end`, `reach` and the curvature alone.
    """
    colours = dict(zip([panel.name for panel in panels], look.accents, strict=False))
    signals = [*player.film("Time", FRAMES, FRAMES), {"name": "time", "update": f"now * {end / FRAMES}"}]
    ghosts = ghosts or {}
    bowls = [
        _bowl(panel, colours[panel.name], reach, panel is panels[-1], ghosts.get(panel.name), look) for panel in panels
    ]
    views = [*bowls, _over_time(panels, colours, small_steps, end, reach, clip, look)]
    return look.framed({"spacing": 8, "vconcat": views}, signals)


def height(curvature: float) -> str:
    """The loss h w^2 / 2 of a row, as the browser computes it."""
    return f"{curvature / 2} * datum.w * datum.w"


def highest(reach: float) -> float:
    """Where the axis of the variance ends that goes with an axis of weights up to `reach`."""
    return reach**2 / 10


def _bowl(panel: Panel, colour: str, reach: float, titled: bool, ghost: Floats | None, look: Look) -> Spec:
    top = panel.curvature * reach**2 / 2
    x = channels.quantity(
        "w", "weight w" if titled else None, scale=channels.linear(-reach, reach), labels=titled, ticks=titled,
        tickCount=7,
    )  # fmt: skip
    y = channels.quantity("loss", "loss", scale=channels.linear(-0.12 * top, top), tickCount=3, minExtent=40)
    at = {"x": x, "y": y}
    loss = {"calculate": height(panel.curvature), "as": "loss"}
    curve = {
        "data": {"sequence": {"start": -reach, "stop": reach * 1.001, "step": reach / 40, "as": "w"}},
        "transform": [loss],
        "mark": {"type": "line", "color": look.ink, "opacity": 0.4, "strokeWidth": 1.5},
        "encoding": at,
    }
    walkers = {
        "transform": [{"filter": f"datum.panel == '{panel.name}' && datum.frame == floor(now)"}, loss],
        "mark": {"type": "point", "filled": True, "size": 55, "opacity": 0.6, "color": colour, "clip": True},
        "encoding": at,
    }
    before = {
        "data": {"values": [{"w": round(float(w), 3)} for w in ([] if ghost is None else ghost) if abs(w) <= reach]},
        "transform": [loss],
        "mark": {"type": "point", "filled": False, "size": 60, "opacity": 0.35, "color": look.ink, "clip": True},
        "encoding": at,
    }
    layers = [curve, before, walkers, _text(panel.label, panel.more)]
    if np.isfinite(panel.exact):
        wide = min(reach, DEVIATIONS * float(np.sqrt(panel.exact)))
        layers.append(
            {
                "data": {"values": [{"w": -wide, "to": wide, "loss": -0.06 * top}]},
                "mark": {"type": "rule", "strokeWidth": 4, "color": colour, "opacity": 0.7},
                "encoding": {**at, "x2": {"field": "to"}},
            }
        )
    return {"height": HEIGHT, "layer": layers}


def _text(text: str, where_wide: str) -> Spec:
    shown = {"expr": f"'{text}' + (width < 420 ? '' : '   {where_wide}')"}
    return {
        "data": {"values": [{}]},
        "mark": {"type": "text", "align": "center", "baseline": "top", "text": shown, "fontWeight": 600},
        "encoding": {"x": {"value": {"expr": "width / 2"}}, "y": {"value": 4}},
    }


def traces(panels: Sequence[Panel], end: float) -> pd.DataFrame:
    """The variance of each panel at POINTS moments up to the time `end`: panel, t, v."""
    rows = []
    for panel in panels:
        last = min(len(panel.variance) - 1, int(end / panel.learning_rate))
        for step in np.unique(np.linspace(1, last, POINTS).astype(int)):
            t, v = round(step * panel.learning_rate, 4), float(f"{panel.variance[step]:.4g}")
            rows.append({"panel": panel.name, "t": t, "v": v})
    return pd.DataFrame(rows)


def _over_time(
    panels: Sequence[Panel],
    colours: dict[str, str],
    small_steps: float,
    end: float,
    reach: float,
    clip: float | None,
    look: Look,
) -> Spec:
    table = traces(panels, end)
    settled = [{"panel": each.name, "v": each.exact} for each in panels if np.isfinite(each.exact)]
    exact = pd.DataFrame(settled, columns=["panel", "v"])
    x = channels.quantity("t", "time μ × steps", scale=channels.linear(0, end), tickCount=8)
    if clip is None:
        scale, ticks = channels.linear(0, highest(reach)), {"format": "~g"}
    else:
        positive = table["v"][table["v"] > 0]
        scale = channels.log(float(positive.min()) if len(positive) else 1.0, clip)
        ticks = {"labelExpr": "replace(format(datum.value, '.1~e'), '+', '')"}
    y = channels.quantity("v", "variance", scale=scale, tickCount=4, minExtent=40)
    y["axis"] |= ticks
    colour = channels.names("panel", colours)
    rule = {"type": "rule", "clip": True, "opacity": 0.9}
    faint = {**rule, "color": look.ink}
    return {
        "height": BELOW,
        "layer": [
            {
                "data": records(table),
                "mark": {"type": "line", "clip": True, "strokeWidth": 2},
                "encoding": {"x": x, "y": y, "color": colour},
            },
            {
                "data": records(exact),
                "mark": {**rule, "strokeDash": [7, 4]},
                "encoding": {"y": y, "color": colour},
            },
            {
                "data": {"values": [{"v": small_steps}]},
                "mark": {**faint, "strokeDash": [1, 4], "strokeWidth": 2},
                "encoding": {"y": y},
            },
            {
                "data": {"values": [{"one": 1}]},
                "transform": [{"calculate": "time", "as": "t"}],
                "mark": {**faint, "opacity": 0.4},
                "encoding": {"x": x},
            },
        ],
    }
