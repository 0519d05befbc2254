"""Settings under way, compared where all of them have been."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sgd_core.evidence import under_way

COLUMN = "val_accuracy"


def epochs(*values: float | None, mu: float = 0.1, batch: int = 16, of: int = 100) -> pd.DataFrame:
    """Epochs of one update each, with T = mu (k + 1)."""
    rows = [
        {"epoch": k, COLUMN: value, "learning_rate": mu, "batch_size": batch, "updates": k + 1,
         "training_time": mu * (k + 1), "effective_time": mu * (k + 1), "images_seen": batch * (k + 1), "of": of}
        for k, value in enumerate(values)
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({COLUMN: "Float64", "of": "Float64"})


def test_a_mean_goes_on_only_as_long_as_every_seed() -> None:
    assert under_way.mean_of({0: epochs(0.1)}, COLUMN).empty
    mean = under_way.mean_of({0: epochs(0.1, 0.3, 0.5), 1: epochs(0.3, 0.5)}, COLUMN)
    assert mean[COLUMN].tolist() == pytest.approx([0.2, 0.4])
    assert mean["low"].tolist()[0] == pytest.approx(0.2 - 12.706 * 0.1, abs=1e-3)  # t of one degree, sd/sqrt(2) = 0.1


def test_settings_are_compared_at_the_furthest_place_that_both_have_reached() -> None:
    fast, slow = epochs(0.2, 0.4, 0.8, mu=0.2, of=50), epochs(0.1, 0.2, 0.3)  # T to 0.6 and to 0.3
    found = under_way.standing({"fast": fast, "slow": slow}, {}, COLUMN, "training_time")
    assert found is not None
    assert found.at == pytest.approx(0.3)
    assert found.values == pytest.approx({"fast": 0.3, "slow": 0.3})  # half of the way from T = 0.2 to 0.4
    assert found.images == 50
    assert found.step == pytest.approx(0.2)
    along_epochs = under_way.standing({"fast": fast, "slow": slow}, {}, COLUMN, "epoch")
    assert along_epochs is not None
    assert along_epochs.at == 2
    assert along_epochs.values == pytest.approx({"fast": 0.8, "slow": 0.3})


def test_seeds_of_two_settings_are_paired_where_they_have_ended() -> None:
    ended = {
        "a": {0: epochs(0.1, 0.5), 1: epochs(0.1, 0.7)},
        "b": {0: epochs(0.1, 0.4), 1: epochs(0.1, 0.5), 2: epochs(0.9)},
    }
    curves = {"a": epochs(0.1, 0.6), "b": epochs(0.1, 0.45)}
    found = under_way.standing(curves, ended, COLUMN, "epoch")
    assert found is not None
    assert found.paired is not None
    assert found.paired.n == 2
    assert found.paired.mean == pytest.approx(0.15)
    three = under_way.standing({**curves, "c": epochs(0.1, 0.2)}, ended, COLUMN, "epoch")
    assert three is not None
    assert three.paired is None


@pytest.mark.parametrize("curves", [{}, {"a": epochs(0.1)}, {"a": epochs(0.1), "b": epochs(None)}])
def test_one_setting_is_compared_with_nothing(curves: dict[str, pd.DataFrame]) -> None:
    assert under_way.standing(curves, {}, COLUMN, "epoch") is None


def test_a_loss_is_of_no_images() -> None:
    loss = epochs(0.1, 0.5).assign(of=pd.array([None, None], dtype="Float64"))
    found = under_way.standing({"a": loss, "b": loss}, {}, COLUMN, "epoch")
    assert found is not None
    assert math.isnan(found.images)


def test_chance_of_two_shares() -> None:
    assert under_way.chance(0.9, 0.9, 600) == pytest.approx(1.96 * math.sqrt(2 * 0.9 * 0.1 / 600))
