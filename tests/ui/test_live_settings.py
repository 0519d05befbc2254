"""Settings of the live walks in a link: what comes back, and what cannot be chosen."""

from __future__ import annotations

import pytest

from sgd_core.ui.shell.live.settings import BATCHES, NAMES, RATES, Settings

CHANGED = Settings((0.2, 1.6), (4, 64), 0.9, "mu", many=False, replacement=True, lock=False, speed=240)


def test_a_link_gives_back_what_was_set() -> None:
    assert Settings.of_query(CHANGED.query()) == CHANGED
    assert set(CHANGED.query()) == set(NAMES)
    assert Settings().query() == {}
    assert Settings.of_query({}) == Settings()


def test_so_does_the_component() -> None:
    assert Settings.of_component(CHANGED.told()) == CHANGED
    assert Settings.of_component({**CHANGED.told(), "reports": 3}) == CHANGED


@pytest.mark.parametrize("rate", RATES)
def test_every_learning_rate_comes_back_exactly(rate: float) -> None:
    made = Settings((rate, rate), (8, 8))
    assert Settings.of_query(made.query()) == made


@pytest.mark.parametrize(
    "query",
    [{"mu": "0.41"}, {"mu": "much"}, {"mu": "nan"}, {"mu": "inf"}, {"B": "3"}, {"m": "1"}, {"speed": "-60"},
     {"time": "epochs"}, {"walkers": "7"}, {"drawn": "maybe"}, {"B2": ""}],
)  # fmt: skip
def test_what_is_not_among_the_choices_is_dropped(query: dict[str, str]) -> None:
    assert Settings.of_query(query) == Settings()


def test_a_lock_that_does_not_hold_is_open() -> None:
    assert not Settings.of_query({"mu2": "1.6"}).lock
    assert Settings.of_query({"mu2": "1.6", "B2": "32"}).lock
    assert not Settings.of_query({"lock": "off"}).lock


def test_twice_a_rate_is_a_rate_too() -> None:
    assert sorted(RATES) == RATES
    assert {2 * rate for rate in RATES if 2 * rate <= RATES[-1]} <= set(RATES)
    assert Settings().mu[0] * Settings().B[1] == pytest.approx(Settings().mu[1] * Settings().B[0])
    assert BATCHES[-1] == 256
