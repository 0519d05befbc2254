"""The sliders of a schedule's settings, the same on the workbench and on the Train page: they follow from the registry.

A setting that does not matter for the schedule stays where it is and is greyed out, so that nothing jumps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from sgd_core.experiment.schedules import SCHEDULES, SLIDERS, fields_read
from sgd_core.experiment.spec import RunSpec

KEYS = tuple(slider.key for slider in SLIDERS.values())


def sliders(schedule: str, prefix: str = "", start: Mapping[str, float] = {}, columns: int = 1) -> dict[str, Any]:
    """Draw a slider for every setting of SLIDERS and return their values by field.

    `start` has the keys of those that begin elsewhere than in the registry; a `prefix` tells two schedules apart.
    """
    places = st.columns(columns, gap="medium")
    values: dict[str, Any] = {}
    for number, (field, slider) in enumerate(SLIDERS.items()):
        used = fields_read(schedule, float(values.get("batch_growth", 1)))
        first = start.get(slider.key, RunSpec.model_fields[field].default)
        values[field] = places[number % columns].slider(
            slider.label, slider.low, slider.high, type(slider.low)(first), slider.step, key=f"{prefix}{slider.key}",
            disabled=slider.only_where_read and field not in used, help=slider.help or None, bind="query-params",
            format="%.3f" if isinstance(slider.step, float) and slider.step < 0.01 else None,
        )  # fmt: skip
    return values


def values_of(spec: RunSpec) -> dict[str, Any]:
    """The keys of these sliders and their values for a run; the nearest that they offer."""
    return {slider.key: min(max(getattr(spec, field), slider.low), slider.high) for field, slider in SLIDERS.items()}


def formulas() -> str:
    """What every schedule does, one line each, for the help of the control that chooses one."""
    return "\n".join(f"- {name}: {schedule.formula} ({schedule.source})" for name, schedule in SCHEDULES.items())
