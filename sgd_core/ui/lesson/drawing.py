"""The component on which a curve is drawn by mouse, finger or keys; drawing.js is what runs in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from sgd_core.charts.guesses import Sheet
from sgd_core.evidence.guesses import Curve

_HERE = Path(__file__)
_COMPONENT = st.components.v2.component(
    "sgd_lab_drawing",
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
)


def canvas(sheet: Sheet, key: str, guesses: Sequence[Curve], drawable: bool) -> Any:
    """Draw a sheet that fills its place; returns the points as the browser sent them, None before it has."""
    data = {**sheet.data(guesses), "id": key, "drawable": drawable}
    return _COMPONENT(key=f"drawing-{key}", data=data, height="stretch", on_curve_change=lambda: None).curve
