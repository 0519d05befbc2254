"""A chart of the noise lab as the browser draws it, standing still: where its dots lie, and what is written in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pandas as pd
import vl_convert

from sgd_core.charts.look import Look, Spec

LOOK = Look("#000000", "#ffffff", "#cccccc", ("#a00000", "#0000a0", "#00a000"))
WIDTH = 600


@dataclass(frozen=True)
class Dot:
    """A dot in pixels from the upper left corner of its plot."""

    x: float
    y: float
    colour: str


def svg(chart: Spec, frame: pd.DataFrame | None = None) -> str:
    """The picture, WIDTH pixels wide; its description must be JSON that a browser can read."""
    json.dumps(chart, allow_nan=False)
    views = {"vconcat": [{**view, "width": WIDTH} for view in chart["vconcat"]]} if "vconcat" in chart else {}
    data = {} if frame is None else {"data": {"values": json.loads(frame.to_json(orient="records"))}}
    wide = {} if views else {"width": WIDTH}
    drawn: str = vl_convert.vegalite_to_svg({**chart, "autosize": "pad", **wide, **views, **data})
    assert not re.search(r"NaN|undefined|Infinity", drawn)
    return drawn


def dots(drawn: str) -> list[list[Dot]]:
    """The dots of each layer that has some, in the order of drawing; those of legends apart."""
    layers = re.findall(r'class="mark-symbol role-mark[^>]*>(.*?)</g>', drawn, flags=re.DOTALL)
    return [[_dot(path) for path in re.findall(r"<path[^>]*>", layer)] for layer in layers]


def texts(drawn: str) -> list[str]:
    """Everything written in the picture."""
    return re.findall(r">([^<]+)</text>", drawn)


def height(share: float, pixels: float) -> float:
    """Pixels from the top of a plot for a share of its axis, counted from below."""
    return pixels * (1 - share)


def _dot(path: str) -> Dot:
    place = re.search(r"translate\(([-\d.e]+),([-\d.e]+)\)", path)
    colour = re.search(r'(?:fill|stroke)="(#\w+)"', path)
    assert place
    return Dot(float(place[1]), float(place[2]), colour[1] if colour else "")
