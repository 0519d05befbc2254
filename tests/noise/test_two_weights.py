"""Two weights in a row: the valley's width and its sharpness at any minimum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgd_core.noise import theory, two_weights


@given(st.floats(0.25, 5))
def test_the_bar_goes_along_the_steepest_line_to_where_the_loss_is_an_eighth(alpha: float) -> None:
    ends = two_weights.across(alpha)
    assert [two_weights.loss(*end) for end in ends] == pytest.approx([1 / 8, 1 / 8])
    for end in ends - np.array([alpha, 1 / alpha]):
        assert end[0] * alpha == pytest.approx(end[1] / alpha)
    assert ends[0][0] < alpha < ends[1][0]


@given(st.floats(0.25, 5))
def test_second_differences_find_the_sharpness(alpha: float) -> None:
    assert two_weights.measured_sharpness(alpha) == pytest.approx(float(theory.rescaled_sharpness(alpha)), rel=1e-3)
