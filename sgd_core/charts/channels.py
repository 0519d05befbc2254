"""Channels that charts share: a quantity along an axis, colours by name, what a tooltip says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sgd_core.charts.look import Spec


def quantity(field: str, title: str | None, *, scale: Spec | None = None, nice: bool = False, **axis: Any) -> Spec:
    """A number along an axis; `scale` says its domain and type, `axis` its ticks; `nice` rounds the domain."""
    scale = {**(scale or {}), **({} if nice else {"nice": False})}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": axis}


def labels(texts: Mapping[float, str]) -> str:
    """The Vega expression that writes these texts at these values of an axis, and nothing elsewhere."""
    text = "''"
    for value, said in texts.items():
        text = f"abs(datum.value - {value:.9g}) <= {1e-6 * abs(value) + 1e-12:.3g} ? '{said}' : {text}"
    return text


def log(*domain: float, **more: Any) -> Spec:
    """A logarithmic scale, from the lower to the upper end of `domain` where it is given."""
    return {"type": "log", **({"domain": list(domain)} if domain else {}), **more}


def linear(low: float, high: float) -> Spec:
    """A linear scale from `low` to `high`."""
    return {"domain": [low, high]}


def names(field: str, colours: Mapping[str, str], legend: Spec | None = None) -> Spec:
    """A colour for each name, with a legend in that order; `legend` None shows none."""
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": field, "type": "nominal", "scale": scale, "legend": legend}


def tips(*shown: Sequence[str]) -> list[Spec]:
    """What a tooltip says: fields, each with its title and, where it is a number to be rounded, a format."""
    return [
        {"field": field, "title": title, **({"type": "quantitative", "format": form[0]} if form else {})}
        for field, title, *form in shown
    ]
