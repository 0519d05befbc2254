"""Kick and forgetting over the variance: lines that cross at the cloud, arrows that meet there."""

from __future__ import annotations

import math

import pytest

from sgd_core.charts import balance
from sgd_core.charts.balance import Forgets
from tests.charts.drawing import LOOK, WIDTH, dots, svg, texts

KICK, HIGHEST = 1.0, 1.6
FIRST, SECOND = Forgets("First", 1.975, KICK / 1.975), Forgets("Second", 1.25, KICK / 1.25)


def drawn(*clouds: Forgets, kick: float = KICK) -> tuple[list[float], list[str]]:
    """Where the dots of crossings and the heads of arrows are, as variances; what is written."""
    picture = svg(balance.chart(kick, 2.0, clouds, HIGHEST, LOOK))
    return [HIGHEST * dot.x / WIDTH for layer in dots(picture) for dot in layer], texts(picture)


def test_lines_cross_and_arrows_meet_at_the_clouds_variance() -> None:
    (first, second, grows, shrinks), written = drawn(FIRST, SECOND)
    assert [first, second] == pytest.approx([FIRST.balance, SECOND.balance], abs=1e-3)
    assert grows < FIRST.balance < shrinks
    assert shrinks - grows < 0.03 * HIGHEST
    assert {"kick", "forget", "variance of the cloud"} <= set(written)


def test_where_nothing_is_forgotten_one_arrow_goes_on() -> None:
    (grows,), _ = drawn(Forgets("First", 0.0, math.inf), Forgets("Second", -3.0, math.inf))
    assert grows == pytest.approx(HIGHEST, abs=0.02)


@pytest.mark.parametrize(("kick", "top"), [(0.8, 1.0), (0.84, 4.0), (1.0, 4.0), (3.0, 4.0), (3.5, 16.0), (1e-3, 4**-4)])
def test_the_axis_moves_in_few_leaps(kick: float, top: float) -> None:
    chart = balance.chart(kick, 2.0, [FIRST], HIGHEST, LOOK)
    assert chart["layer"][0]["encoding"]["y"]["scale"]["domain"][1] == pytest.approx(top)
