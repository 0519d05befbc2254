"""What the gradient noise probe measured, as tables, beside what theory says of both ways of drawing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sgd_core.evidence import noise


def test_theory_with_replacement_goes_on_and_without_ends_at_the_whole_data_set() -> None:
    table = noise.predicted(8.0, [1, 4, 16], images=16)
    with_, without = (
        table[table["sampling"] == way]["predicted"].tolist() for way in ("with replacement", "without replacement")
    )
    assert with_ == pytest.approx([8, 2, 0.5])
    assert without == pytest.approx([8, 2 * 12 / 15, 0])


def test_the_variances_of_one_epoch_are_sorted_by_sampling_and_size() -> None:
    row = pd.Series(
        {
            "trace": 8.0, "with_16": 0.5, "with_16_se": 0.01, "with_4": 2.0, "with_4_se": 0.1, "without_4": 1.6,
            "without_4_se": 0.1,
        }
    )  # fmt: skip
    table = noise.variances(row)
    assert table.to_dict("list") == {
        "sampling": ["with replacement", "with replacement", "without replacement"],
        "batch_size": [4, 16, 4],
        "variance": [2.0, 0.5, 1.6],
        "standard_error": [0.1, 0.01, 0.1],
    }


def test_the_slope_weighs_each_size_by_how_well_it_is_known() -> None:
    sizes = np.array([16.0, 64.0, 256.0])
    exact = pd.DataFrame({"batch_size": sizes, "variance": 3 / sizes, "standard_error": 0.1 / sizes})
    assert noise.slope(exact).value == pytest.approx(-1)
    assert noise.slope(exact).standard_error == pytest.approx(0.1 / 3 / np.sqrt(2) / np.log(4))
    off = exact.assign(variance=exact["variance"] * [1, 1, 10], standard_error=exact["standard_error"] * [1, 1, 1e5])
    assert noise.slope(off).value == pytest.approx(-1, abs=1e-6)
