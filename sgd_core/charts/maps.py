"""The map of stationary variance over batch size and learning rate, with the lines along which mu/B is constant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgd_core.charts import channels
from sgd_core.charts.dots import records
from sgd_core.charts.look import Look, Spec

Floats = npt.NDArray[np.float64]

HEIGHT = 220
SHADE = 4.0
"""One shade for every factor of 4 in the variance."""
VALUES = ["measured", "standard_error", "exact", "small_steps"]
"""What a tooltip says of a cell."""


def chart(
    cells: pd.DataFrame, limit: float, per_noise: float, ramp: Sequence[str], here: pd.DataFrame, look: Look
) -> Spec:
    """Cells (batch_size, learning_rate, measured, standard_error, exact, small_steps, diverged) as tiles.

    `limit` is the learning rate of the stability edge, `per_noise` the small-step variance over mu/B, `ramp` the
    colours from the smallest variance to the largest. `here` are settings (name, batch_size, learning_rate) to be
    marked, on the map (see `on_it`).
    """
    batches, widest = cells["batch_size"], _widest(cells)
    edges = _edges(np.sort(cells["learning_rate"].unique()))
    x = channels.quantity(
        "left", "batch size B", scale=channels.log(*widest, base=2), values=sorted(batches.unique().tolist())
    )
    y = channels.quantity(
        "low", "μh", scale=channels.log(edges[0], edges[-1]), format="~g",
        values=[0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
    )  # fmt: skip
    tiles = _tiles(cells, edges)
    stable = tiles[~tiles["diverged"]]
    rectangle = {"x": x, "x2": {"field": "right"}, "y": y, "y2": {"field": "high"}}
    tips = channels.tips(
        ("batch_size", "B"), ("learning_rate", "μ", ".3~g"),
        *((name, name, ".3~g") for name in VALUES),
    )  # fmt: skip
    corners = ["batch_size", "learning_rate", "left", "right", "low", "high"]
    layers = [
        {
            "data": records(stable[[*corners, "shade", *VALUES]]),
            "mark": {"type": "rect", "clip": True},
            "encoding": {**rectangle, "color": _colour(stable["shade"], ramp), "tooltip": tips},
        },
        {
            "data": records(tiles.loc[tiles["diverged"], corners]),
            "mark": {"type": "rect", "clip": True, "color": look.faint},
            "encoding": {**rectangle, "tooltip": tips[:2]},
        },
        {
            "data": records(isolines(per_noise, widest)),
            "mark": {"type": "line", "clip": True, "color": look.paper, "strokeWidth": 1.5},
            "encoding": {"x": x, "y": y, "detail": {"field": "noise", "type": "nominal"}},
        },
        {
            "data": {"values": [{"low": limit}]},
            "mark": {"type": "rule", "strokeDash": [6, 4], "strokeWidth": 2, "color": look.ink},
            "encoding": {"y": y},
        },
    ]
    return look.framed({"height": HEIGHT, "layer": [*layers, *_marked(here, x, y, look)]})


def on_it(cells: pd.DataFrame, batch_size: float, learning_rate: float) -> bool:
    """Whether a setting lies on the map."""
    edges = _edges(np.sort(cells["learning_rate"].unique()))
    widest = _widest(cells)
    return bool(widest[0] <= batch_size <= widest[1] and edges[0] <= learning_rate <= edges[-1])


def _widest(cells: pd.DataFrame) -> tuple[float, float]:
    return float(cells["batch_size"].min()) / 2**0.5, float(cells["batch_size"].max()) * 2**0.5


def _marked(here: pd.DataFrame, x: Spec, y: Spec, look: Look) -> list[Spec]:
    places = here.groupby(["batch_size", "learning_rate"], sort=False)["name"].agg(" and ".join).reset_index()
    data = records(places)
    at = {"x": {**x, "field": "batch_size"}, "y": {**y, "field": "learning_rate"}}
    ring = {"type": "point", "size": 160, "filled": True, "fill": look.paper, "stroke": look.ink, "strokeWidth": 3,
            "opacity": 1}  # fmt: skip
    name = {"type": "text", "dy": -15, "fontWeight": 600, "color": look.ink, "stroke": look.paper, "strokeWidth": 4,
            "strokeOpacity": 0.7}  # fmt: skip
    text = {"field": "name", "type": "nominal"}
    plain = {**name, "stroke": None, "strokeWidth": 0}
    return [
        {"data": data, "mark": ring, "encoding": at},
        {"data": data, "mark": name, "encoding": {**at, "text": text}},
        {"data": data, "mark": plain, "encoding": {**at, "text": text}},
    ]


def isolines(per_noise: float, batches: tuple[float, float]) -> pd.DataFrame:
    """Where the small-step variance, `per_noise` times mu/B, passes from one shade to the next: noise, left (B), low
    (mu)."""
    borders = SHADE ** (np.arange(-8, 6) - 0.5)
    return pd.DataFrame(
        [{"noise": noise, "left": end, "low": noise * end} for noise in borders / per_noise for end in batches]
    )


def _tiles(cells: pd.DataFrame, edges: Floats) -> pd.DataFrame:
    row = np.searchsorted(np.sort(cells["learning_rate"].unique()), cells["learning_rate"])
    measured = np.where(cells["diverged"], np.nan, cells["measured"])
    return cells.assign(
        left=cells["batch_size"] / 2**0.5, right=cells["batch_size"] * 2**0.5, low=edges[row], high=edges[row + 1],
        shade=np.round(np.log(measured) / np.log(SHADE)),
    )  # fmt: skip


def _edges(rates: Floats) -> Floats:
    """The borders between rows (R,), R + 1 of them: half way on the log axis, little beyond the last."""
    middles = np.sqrt(rates[1:] * rates[:-1])
    return np.concatenate([[rates[0] ** 2 / middles[0]], middles, [rates[-1] * 1.05]])


def _colour(shades: pd.Series, ramp: Sequence[str]) -> Spec:
    per_ten = np.log10(SHADE)
    tens = np.arange(np.ceil(shades.min() * per_ten), np.floor(shades.max() * per_ten) + 1)
    return {
        "field": "shade",
        "type": "quantitative",
        "scale": {"range": list(ramp), "interpolate": "rgb"},
        "legend": {
            "title": "variance",
            "titlePadding": 14,
            "values": (tens / per_ten).tolist(),
            "labelExpr": f"format(pow({SHADE:g}, datum.value), '.1~r')",
            "orient": "right",
            "gradientLength": 180,
        },
    }
