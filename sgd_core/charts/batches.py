"""Batches as tiles: one of each size as so many dots, or a whole epoch of images as one tile a step."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sgd_core.charts.look import Look, Spec
from sgd_core.charts.player import CALM

GAP = 0.12
"""Between two squares, in their own widths."""
LINE = 0.26
"""Room above the squares for their names, in their widths."""
FRAMES, FRAME_MS = 90, 50
"""An epoch takes so many frames of so many milliseconds."""
REST = 30
"""Frames for which a film that begins again stays at its end."""
HEIGHT, SIDE = 200, 26
"""Pixels of a film, and of the photograph in it."""


def batch(sizes: Sequence[int], look: Look) -> Spec:
    """One batch of each size, a dot an image."""
    dots = [
        {"panel": place, "x": place * (1 + GAP) + (column + 0.5) / side, "y": (row + 0.5) / side, "size": size}
        for place, size in enumerate(sizes)
        for side in (math.ceil(math.sqrt(max(sizes))),)
        for row, column in _middle(size, side)
    ]
    mark = {
        "data": {"values": dots},
        "mark": {"type": "point", "filled": True, "opacity": 1,
                 "size": {"expr": f"pow(0.5 * min(height, width / {len(sizes)}) / {math.sqrt(max(sizes)):.3f}, 2)"}},
        "encoding": {**_at(sizes), "color": _colour(sizes, look)},
    }  # fmt: skip
    names = [f"B = {size}" for size in sizes]
    return look.framed({"layer": [mark, _names(sizes, names, look)]})


def epoch(sizes: Sequence[int], images: int, look: Look) -> Spec:
    """All images once for each size, a tile a step; its clock goes from 0 to FRAMES."""
    steps = [math.ceil(images / size) for size in sizes]
    counts = [f"B = {size}: {{}}" for size in sizes]
    names = _names(sizes, counts, look)
    names["mark"]["text"] = {
        "expr": f"replace(datum.name, '{{}}', floor(clock / {FRAMES} * datum.steps + 1e-9) + ' of ' + datum.steps + "
        "' steps')"
    }
    for row, number in zip(names["data"]["values"], steps, strict=True):
        row["steps"] = number
    return look.framed({"layer": [_steps(sizes, images, look), names]}, [{"name": "clock", "value": FRAMES}])


def film(sizes: Sequence[int], images: int, photograph: str, place: int, look: Look) -> Spec:
    """The same without counts, beginning again by itself until it is told to rest, or at the end where it is calm.

    `photograph` (a URL) is that of the image which an epoch comes to after `place` others; it marks its batch.
    """
    rows = [
        {"x": (tile["x"] + tile["x2"]) / 2, "y": (tile["y"] + tile["y2"]) / 2, "seen": tile["seen"]}
        for panel, size in enumerate(sizes)
        for tile in (_tiles(panel, size, images)[place // size],)
    ]
    one = {"data": {"values": rows}, "encoding": _at(sizes)}
    framed = {**one, "mark": {"type": "square", "size": (SIDE + 4) ** 2, "color": look.ink, "opacity": _LIT}}
    shown = {**one, "mark": {"type": "image", "url": photograph, "width": SIDE, "height": SIDE, "opacity": _LIT}}
    names = _names(sizes, [f"B = {size}" for size in sizes], look)
    chart = {"height": HEIGHT, "layer": [_steps(sizes, images, look), framed, shown, names]}
    calm = {"events": {"signal": "calm"}}
    tick = f"!moving ? clock : clock >= {FRAMES + REST} ? 0 : clock + 1"
    return look.framed(
        chart,
        [
            CALM,
            {"name": "moving", "value": True, "bind": {"input": "checkbox", "name": "Keep moving"},
             "on": [{**calm, "update": "!calm"}]},
            {"name": "clock", "value": 0,
             "on": [{"events": {"type": "timer", "throttle": FRAME_MS}, "update": tick},
                    {**calm, "update": f"calm ? {FRAMES} : clock"}]},
        ],
    )  # fmt: skip


_LIT = {"expr": f"datum.seen <= clock / {FRAMES} + 1e-9 ? 1 : 0.12"}


def _steps(sizes: Sequence[int], images: int, look: Look) -> Spec:
    """The tiles of every size, lit up to the clock."""
    at = _at(sizes)
    return {
        "data": {"values": [tile for place, size in enumerate(sizes) for tile in _tiles(place, size, images)]},
        "mark": {"type": "rect", "stroke": look.paper, "strokeWidth": 1.5, "opacity": _LIT},
        "encoding": {"x": at["x"], "x2": {"field": "x2"}, "y": at["y"], "y2": {"field": "y2"},
                     "color": _colour(sizes, look)},
    }  # fmt: skip


def _middle(size: int, side: int) -> list[tuple[int, int]]:
    """Places of a block of `size` dots in the middle of a square of side x side."""
    own = math.ceil(math.sqrt(size))
    rows = math.ceil(size / own)
    return [
        ((side - rows) // 2 + place // own, (side - own) // 2 + place % own) for place in range(size)
    ]  # fmt: skip


def _tiles(place: int, size: int, images: int) -> list[Spec]:
    """A square divided into its steps by area, in rows; the last batch is what is left."""
    steps = math.ceil(images / size)
    across = _across(steps)
    tiles, top = [], 0.0
    for first in range(0, steps, across):
        row = [min(size, images - step * size) for step in range(first, min(first + across, steps))]
        tall, left = sum(row) / images, 0.0
        for offset, own in enumerate(row):
            wide = own / sum(row)
            x = place * (1 + GAP) + left
            seen = round((first + offset + 1) / steps, 5)
            tiles.append({"panel": place, "x": x, "x2": x + wide, "y": top, "y2": top + tall, "seen": seen,
                          "size": size})  # fmt: skip
            left += wide
        top += tall
    return tiles


def _across(steps: int) -> int:
    """How many tiles stand in a row: about as many as there are rows, and the last row as full as can be."""
    root = math.sqrt(steps)
    return min(range(max(1, round(0.75 * root)), round(1.3 * root) + 1), key=lambda across: -steps % across / across)


def _at(sizes: Sequence[int]) -> Spec:
    width = len(sizes) + (len(sizes) - 1) * GAP
    return {
        "x": {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [0, width], "nice": False}},
        "y": {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [1, -LINE], "nice": False}},
    }


def _colour(sizes: Sequence[int], look: Look) -> Spec:
    colours = [look.accents[place % len(look.accents)] for place in range(len(sizes))]
    return {"field": "size", "type": "nominal", "legend": None, "scale": {"domain": list(sizes), "range": colours}}


def _names(sizes: Sequence[int], names: Sequence[str], look: Look) -> Spec:
    rows = [{"x": place * (1 + GAP) + 0.5, "y": -LINE / 2, "name": name} for place, name in enumerate(names)]
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "fontWeight": 600, "fontSize": look.type_size + 7, "color": look.ink,
                 "text": {"expr": "datum.name"}},
        "encoding": _at(sizes),
    }  # fmt: skip
