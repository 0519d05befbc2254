"""What the page on the real network says of measured noise."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sgd_core.evidence.sentences import network as sentences
from sgd_core.noise.agreement import Agreement

ALONG = pd.DataFrame(
    {
        "run": ["B=16", "B=512", "B=16", "B=512"],
        "epoch": [149, 50, -1, -1],
        "noise_scale": [1634.2, 622.4, 200.0, 201.0],
    }
)


@pytest.mark.parametrize(
    ("slope", "dropout", "error", "total", "said"),
    [
        (-0.986, 603.0, 49.6, 710.0, "Doubling B multiplies the variance by 0.50 here, on 9.6 million parameters."),
        (-0.986, 603.0, 49.6, 710.0, "It makes up **85%** of the per-image variance that training sees (tr Σ of "
         "dropout 603 ± 50, of both 710)."),
        (-0.5, 0.0, 0.0, 710.0, "by 0.71 here"),
        (-0.5, 0.0, 0.0, 710.0, "**0%** of the per-image variance that training sees (tr Σ of dropout 0 ± 0, of both "),
        (0.0, 1.0, 0.1, 1.0, "by 1.00 here"),
        (math.nan, 1.0, 0.1, 1.0, "by nan here"),
    ],
)  # fmt: skip
def test_what_twice_the_batch_and_dropout_do(
    slope: float, dropout: float, error: float, total: float, said: str
) -> None:
    assert said in sentences.doubling(slope, dropout, error, total)


def test_noise_equals_signal_at_each_runs_last_measurement() -> None:
    assert sentences.ends(ALONG) == "1,634 after epoch 149 of B=16, 622 after epoch 50 of B=512"
    assert sentences.ends(ALONG[ALONG["epoch"] < 0]) == "200 before training of B=16, 201 before training of B=512"
    assert "noise and signal are equal, is 1,634 after epoch 149 of B=16. A batch" in sentences.scale(ALONG.head(1))
    assert sentences.scale_described(ALONG.head(1)).endswith("B_simple is 1,634 after epoch 149 of B=16.")


def test_the_picture_of_the_variance_in_words() -> None:
    told = sentences.variance_described(Agreement(-0.986, 0.035, -1.0))
    assert told.startswith("Variance of the batch gradient against B, measured and predicted. measured −0.986 ± 0.035")
