"""The component: what the browser is sent once, and the settings it reports when a slider is let go.

The problem is that of the noise lab's first page, logistic regression with two weights on 256 points; its minimum,
Hessian and gradient covariance are computed here, everything that moves there. The scripts are plain functions in files
of their own, each with one subject, and are sent as one module (36 kB): nothing is asked of any other server.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from sgd_core.noise import gradients, stationary
from sgd_core.ui.shell import page
from sgd_core.ui.shell.live.settings import BATCHES, MOMENTA, NAMES, RATES, SPEEDS, Settings

HERE = Path(__file__).parent
SCRIPTS = ("walk", "theory", "meter", "words", "scene", "strip", "settings", "markup", "walk_view", "live")
"""In the order in which they are sent; the last one starts the component."""
WALKERS = 200
REACH = 1.6
"""How far the plane of weights goes from the minimum, each way; it never changes, so that sizes can be compared."""

SMALL = Settings((0.4, 0.4), (4, 4))
"""What the small walk shows: a cloud that is wide enough to be seen in a small picture."""


def script(*names: str) -> str:
    """The text of some of SCRIPTS, or of all, as one."""
    return "\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in names or SCRIPTS)


_walks = st.components.v2.component(
    "sgd_lab_live", js=script(), css=(HERE / "live.css").read_text(encoding="utf-8"), isolate_styles=True
)


def walks(key: str, seed: int) -> None:
    """Two walks side by side with their controls, whose settings stand in the link."""
    reported = (st.session_state.get(key) or {}).get("settings") or {}
    start = Settings.of_query(st.query_params)
    data = sent(start, seed=seed, seen=reported.get("reports", 0), large=page.presenting())
    _walks(
        key=key, data=data,
        on_settings_change=lambda: to_link(Settings.of_component(st.session_state[key]["settings"])),
    )  # fmt: skip


def small(key: str, seed: int = 0) -> None:
    """One walk with nothing to set but whether it runs, for where there is a story around it."""
    _walks(key=key, data=sent(SMALL, small=True, seed=seed, large=page.presenting()))


def sent(
    start: Settings | None = None, *, small: bool = False, large: bool = False, seed: int = 0, seen: int = 0
) -> dict[str, Any]:
    """All that the component is told: the problem, what its sliders offer, settings to start with, and how many of its
    reports (`seen`) those settings know."""
    return {
        **problem(), "rates": RATES, "batches": BATCHES, "momenta": MOMENTA, "speeds": SPEEDS, "walkers": WALKERS,
        "small": small, "large": large, "seed": seed, "start": (start or Settings()).told(), "seen": seen,
    }  # fmt: skip


def to_link(settings: Settings) -> None:
    """Put settings into the link; the walks take them over at their next step."""
    query = settings.query()
    for name in NAMES:
        if name in query:
            st.query_params[name] = query[name]
        elif name in st.query_params:
            del st.query_params[name]


@lru_cache
def problem() -> dict[str, Any]:
    """The examples, and at the loss's minimum its Hessian and the covariance of one example's gradient."""
    two_blobs = gradients.two_blobs()
    minimum = two_blobs.minimum()
    return {
        "points": two_blobs.points.tolist(),
        "labels": two_blobs.labels.astype(int).tolist(),
        "minimum": minimum.tolist(),
        "hessian": two_blobs.hessian(minimum).tolist(),
        "covariance": stationary.batch_gradient_covariance(two_blobs.gradients(minimum), 1).tolist(),
        "window": [[at - REACH, at + REACH] for at in minimum.tolist()],
    }
