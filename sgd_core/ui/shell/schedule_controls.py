"""The sliders of a schedule's settings, the same on the workbench and on the Train page: they follow from the registry.

A setting that does not matter for the schedule stays where it is and is greyed out, so that nothing jumps.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from sgd_core.experiment.schedules import SLIDERS, fields_read
from sgd_core.experiment.spec import RunSpec
from sgd_core.ui.shell import run_controls


def sliders(schedule: str, start: RunSpec, prefix: str = "", columns: int = 1) -> dict[str, Any]:
    """Draw a slider for every setting of SLIDERS and return their values by field."""
    places = st.columns(columns, gap="medium")
    values: dict[str, Any] = {}
    for number, (field, slider) in enumerate(SLIDERS.items()):
        used = fields_read(schedule, float(values.get("batch_growth", 1)))
        values[field] = run_controls.draw(
            field, start, prefix, places[number % columns], disabled=slider.only_where_read and field not in used
        )
    return values
