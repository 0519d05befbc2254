"""Kick and forget: what noise adds to the variance of a cloud and what its bowl takes away, and where the two balance.

Over the variance: a level line for the kick, a line from the origin for what each cloud forgets. Below, two arrows that
meet where the first two lines cross: a narrower cloud grows, a wider one shrinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sgd_core.charts import channels
from sgd_core.charts.look import Look, Spec

HEIGHT = 230
LEVELS = 4.0
"""The axis of what is added and forgotten ends at a power of this, so that it keeps still."""


@dataclass(frozen=True)
class Forgets:
    """A cloud's line: its name, the share of its variance that it loses in a unit of time, and where that balances."""

    name: str
    share: float
    balance: float
    """A variance; infinite where there is none."""


def chart(kick: float, small_steps: float, clouds: Sequence[Forgets], highest: float, look: Look) -> Spec:
    """The lines of a kick and of what `clouds` forget, over variances up to `highest`.

    `small_steps` is the share that very small steps forget.
    """
    top = float(LEVELS ** np.ceil(np.log(1.2 * kick) / np.log(LEVELS)))
    x = channels.quantity("v", "variance of the cloud", scale=channels.linear(0, highest), tickCount=5)
    y = channels.quantity("r", "added or forgotten, per unit of time", scale=channels.linear(-0.18 * top, top))
    y["axis"] |= {"values": [0, top / 4, top / 2, 3 * top / 4, top], "format": ".3~g"}
    at = {"x": x, "y": y}
    colours = dict(zip([cloud.name for cloud in clouds], look.accents, strict=False))
    layers = [
        _line([(0, kick), (highest, kick)], at, {"color": look.ink, "strokeWidth": 2.5}),
        _line([(0, 0), (highest, small_steps * highest)], at, {"color": look.ink, "strokeDash": [1, 4]}),
    ]
    for cloud in clouds:
        line = {"color": colours[cloud.name], "strokeWidth": 2.5}
        layers.append(_line([(0, 0), (highest, cloud.share * highest)], at, line))
    for cloud in clouds:
        if cloud.balance <= highest:
            line = {"color": colours[cloud.name], "strokeDash": [3, 3]}
            layers.append(_line([(cloud.balance, kick), (cloud.balance, -0.12 * top)], at, line))
            layers.append(_point(cloud.balance, kick, at, {"color": colours[cloud.name], "size": 110}))
    forget = 0.15 * top / small_steps
    layers.append(_text("kick", 0.02 * highest, kick + 0.02 * top, at, look))
    if forget <= 0.8 * highest:
        layers.append(_text("forget", forget, 0.06 * top, at, look))
    layers += _arrows(clouds[0].balance, highest, -0.12 * top, at, look)
    return look.framed({"height": HEIGHT, "layer": layers})


def _arrows(balance: float, highest: float, r: float, at: Spec, look: Look) -> list[Spec]:
    """Two arrows that meet at `balance`, or one that goes on where there is none."""
    meet = min(balance, highest)
    line = {"color": look.ink, "strokeWidth": 3}
    head = {"color": look.ink, "shape": "triangle-right", "size": 130}
    found = [_line([(0, r), (meet, r)], at, line), _point(meet, r, at, {**head, "xOffset": -5})]
    if balance < highest:
        back = {**head, "shape": "triangle-left", "xOffset": 5}
        found += [_line([(highest, r), (meet, r)], at, line), _point(meet, r, at, back)]
    return found


def _line(ends: Sequence[tuple[float, float]], at: Spec, mark: Spec) -> Spec:
    return {
        "data": {"values": [{"v": float(v), "r": float(r)} for v, r in ends]},
        "mark": {"type": "line", "clip": True, **mark},
        "encoding": at,
    }


def _point(v: float, r: float, at: Spec, mark: Spec) -> Spec:
    return {
        "data": {"values": [{"v": v, "r": r}]},
        "mark": {"type": "point", "filled": True, "opacity": 1, **mark},
        "encoding": at,
    }


def _text(text: str, v: float, r: float, at: Spec, look: Look) -> Spec:
    return {
        "data": {"values": [{"v": v, "r": r}]},
        "mark": {"type": "text", "text": text, "align": "left", "baseline": "bottom", "fontWeight": 600, "dx": 6,
                 "color": look.ink},
        "encoding": at,
    }  # fmt: skip
