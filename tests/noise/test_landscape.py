"""The two valleys have the widths, depths and curvatures that they are asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgd_core.errors import UserError
from sgd_core.noise import theory
from sgd_core.noise.landscape import Landscape, Valley

valleys = st.builds(Valley, st.floats(0.2, 3), st.floats(0.05, 2))
TEXTBOOK = Landscape(Valley(1.0, 0.25), Valley(1.0, 0.25))


@given(valleys, valleys)
def test_bottoms_depths_and_slopes(left: Valley, right: Valley) -> None:
    landscape = Landscape(left, right)
    bottoms = np.array([-left.width, right.width])
    assert landscape.loss(bottoms) == pytest.approx([-left.depth, -right.depth])
    assert landscape.slope(bottoms) == pytest.approx([0, 0], abs=1e-12)
    step = 1e-5
    curvature = (landscape.slope(bottoms + step) - landscape.slope(bottoms - step)) / (2 * step)
    assert curvature == pytest.approx([left.curvature, right.curvature], rel=1e-4)
    where = np.linspace(-2 * left.width, 2 * right.width, 41)
    assert (landscape.loss(where + step) - landscape.loss(where - step)) / (2 * step) == pytest.approx(
        landscape.slope(where), abs=1e-3
    )


def test_the_textbook_case() -> None:
    w = np.linspace(-2, 2, 9)
    assert TEXTBOOK.loss(w) == pytest.approx(w**4 / 4 - w**2 / 2)
    assert TEXTBOOK.barrier_curvature == pytest.approx(1)
    assert TEXTBOOK.left.curvature == pytest.approx(2)


@given(valleys, valleys, st.floats(0.01, 1))
def test_the_walls_reach_thirty_temperatures_up(left: Valley, right: Valley, heat: float) -> None:
    landscape = Landscape(left, right)
    height = landscape.loss(landscape.reach(heat)) + np.array([left.depth, right.depth])
    assert height == pytest.approx([30 * heat] * 2)
    grid = landscape.grid(heat)
    assert np.all(np.diff(grid) > 0)
    assert 0.0 in grid


@given(valleys, valleys)
def test_noise_that_grows_with_curvature_is_in_proportion_to_it(left: Valley, right: Valley) -> None:
    landscape = Landscape(left, right)
    factors = landscape.noise_factors("curvature")
    assert factors[0] / factors[1] == pytest.approx(left.curvature / right.curvature)
    assert factors[0] * factors[1] == pytest.approx(1)
    assert landscape.temperature([-1.0, 1.0], 0.5, "curvature") == pytest.approx(0.5 * np.array(factors))
    assert landscape.temperature([-1.0, 1.0], [0.5, 0.7], "constant") == pytest.approx(np.array([[0.5] * 2, [0.7] * 2]))


@given(st.floats(0.2, 3), st.floats(0.2, 3), st.floats(0.05, 0.5), st.floats(0.1, 1))
def test_at_equal_depth_occupancies_are_as_the_widths_at_every_temperature(
    narrow: float, wide: float, depth: float, heat: float
) -> None:
    landscape = Landscape(Valley(narrow, depth), Valley(wide, depth))
    grid = landscape.grid(heat)
    share = theory.occupancy(grid, landscape.slope(grid), heat, 0.0)
    assert share == pytest.approx(wide / (narrow + wide), rel=1e-3)


def test_kramers_with_a_kinked_barrier_is_the_passage_integral_at_low_temperature() -> None:
    landscape = Landscape(Valley(0.6, 0.35), Valley(1.2, 0.25))
    heat = 0.35 / 60
    grid = landscape.grid(heat, points=8001)
    exact = theory.first_passage_steps(grid, landscape.slope(grid), heat, 0.05, -0.6, 0.6)
    kramers = theory.kramers_steps(0.05, heat, 0.35, landscape.left.curvature, landscape.barrier_curvature)
    assert kramers / exact == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("width", "depth", "said"), [(0, 1, "width is 0"), (1, -0.5, "depth is -0.5"), (1, np.nan, "nan")]
)
def test_impossible_valleys_are_refused(width: float, depth: float, said: str) -> None:
    with pytest.raises(UserError, match=said):
        Valley(width, depth)
