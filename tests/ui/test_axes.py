"""The x axes: positions from 0 to 1, and ticks that stand where their labels say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgd_core.charts.axes import AXES, Axis, Scale
from sgd_core.experiment import paper, schedules

PLANS = {run.name: schedules.plan(run.spec, paper.TRAIN_IMAGES) for run in paper.RUNS}


def values(axis: Axis) -> pd.Series:
    """What the paper's runs put on this axis."""
    if axis.column == "images_seen":
        return pd.Series([(p.epoch + 1) * paper.TRAIN_IMAGES for plan in PLANS.values() for p in plan])
    return pd.Series([getattr(p, axis.column) for plan in PLANS.values() for p in plan])


def read(label: str) -> float:
    return float(label.replace(",", ""))


def assert_ticks_are_right(scale: Scale, low: float, high: float) -> None:
    positions, labels = scale.ticks()
    assert len(positions) == len(labels)
    assert 2 <= len(positions) <= 9
    assert len(set(labels)) == len(labels)
    places = [position * 1e5 for position in positions]  # how the chart looks labels up
    assert places == pytest.approx([round(place) for place in places], abs=1e-6)
    assert len({round(place) for place in places}) == len(places)
    place = math.log if scale.axis.logarithmic else float
    for position, label in zip(positions, labels):
        assert -1e-5 <= position <= 1 + 1e-5
        share = (place(read(label)) - place(low)) / (place(high) - place(low))
        assert position == pytest.approx(share, abs=2e-5), label


@pytest.mark.parametrize("name", AXES)
def test_the_paper_s_runs_fill_each_axis_from_end_to_end(name: str) -> None:
    axis = AXES[name]
    all_values = values(axis)
    scale = axis.scale(all_values)
    positions = scale.position(all_values)
    assert positions.dtype == np.float32
    assert positions.min() == pytest.approx(0, abs=1e-6)
    assert positions.max() == pytest.approx(1, abs=1e-6)
    assert_ticks_are_right(scale, all_values.min(), all_values.max())


def test_linear_ticks_are_round_numbers() -> None:
    positions, labels = AXES["epoch"].scale(pd.Series([0, 149])).ticks()
    assert labels == ["0", "25", "50", "75", "100", "125"]
    assert positions == pytest.approx([value / 149 for value in (0, 25, 50, 75, 100, 125)], abs=1e-5)


def test_logarithmic_ticks_are_decades_or_one_two_five() -> None:
    assert AXES["updates"].scale(pd.Series([6, 27_900])).ticks()[1] == ["10", "100", "1,000", "10,000"]
    assert AXES["time"].scale(pd.Series([0.002, 0.15])).ticks()[1] == ["0.002", "0.005", "0.01", "0.02", "0.05", "0.1"]


def test_a_logarithmic_axis_is_even_in_factors() -> None:
    scale = AXES["updates"].scale(pd.Series([10, 1000]))
    assert list(scale.position(pd.Series([10, 100, 1000]))) == pytest.approx([0, 0.5, 1])


def test_a_single_value_does_not_divide_by_zero() -> None:
    for name, value in {"epoch": 3, "updates": 186, "time": 0.01, "images": 2967}.items():
        position = AXES[name].scale(pd.Series([value])).position(pd.Series([value]))
        assert position[0] == 0


@given(low=st.floats(1e-5, 1e4), span=st.floats(5, 1e6))
def test_logarithmic_ticks_of_any_range_of_at_least_a_factor_of_five(low: float, span: float) -> None:
    scale = AXES["time"].scale(pd.Series([low, low * span]))
    positions, labels = scale.ticks()
    assert 2 <= len(positions) <= 12
    for position, label in zip(positions, labels):
        assert -1e-5 <= position <= 1 + 1e-5
        assert position == pytest.approx(math.log(read(label) / low) / math.log(span), abs=2e-5)


@given(high=st.integers(1, 1000))
def test_linear_ticks_of_any_number_of_epochs(high: int) -> None:
    scale = AXES["epoch"].scale(pd.Series([0, high]))
    positions, labels = scale.ticks()
    assert 1 <= len(positions) <= 9
    assert [read(label) for label in labels] == pytest.approx([p * high for p in positions], abs=high * 1e-4)
    assert positions[0] == 0


def test_values_are_said_to_three_digits_or_whole() -> None:
    assert AXES["time"].text(0.0900123) == "0.09"
    assert AXES["updates"].text(27_900) == "27,900"


def test_an_arrow_key_goes_an_epoch_along_epochs_and_a_fixed_part_of_the_other_axes() -> None:
    assert AXES["epoch"].scale(pd.Series([0, 149])).step * 149 == pytest.approx(1)
    assert AXES["epoch"].scale(pd.Series([0, 599])).step * 599 == pytest.approx(1)
    assert AXES["time"].scale(pd.Series([0.001, 3])).step == AXES["images"].scale(pd.Series([1, 900])).step == 1 / 150
