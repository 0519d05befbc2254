"""What the page says of a line, a plane and rescaled ends."""

from __future__ import annotations

import pandas as pd
import pytest

from sgd_core.evidence.sentences import between as sentences

ENDS = "The training loss is 0.04 at the end of B=16, μ=1e-4 and 0.44 at that of B=512, μ=1e-4"


def line(**losses: float) -> pd.DataFrame:
    alphas = {"before": -0.5, "first": 0.0, "half": 0.5, "second": 1.0, "beyond": 1.5}
    return pd.DataFrame(
        [{"alpha": alphas[name], "split": "train", "loss": loss, "accuracy": 0.5} for name, loss in losses.items()],
        columns=["alpha", "split", "loss", "accuracy"],
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (line(first=0.04, half=0.2, second=0.44), f"{ENDS}; no barrier stands between them."),
        (line(first=0.04, half=0.48, second=0.44), f"{ENDS}; no barrier stands between them."),
        (line(first=0.04, half=0.49, second=0.44), f"{ENDS}; between them it rises to 0.49: there is a barrier."),
        (line(first=0.04, half=0.03, second=0.44),
         f"{ENDS}; between them it falls to 0.03, and no barrier stands between them."),
        (line(before=0.1, first=0.04, half=0.2, second=0.44, beyond=2.0),
         f"{ENDS}; no barrier stands between them. Half as far again beyond them it is 0.1 and 2."),
        (line(first=0.04, second=0.44), f"{ENDS}."),
        (line(first=0.04, half=0.2), ""),
        (line(), ""),
    ],
)  # fmt: skip
def test_a_barrier_is_told_only_where_one_stands(table: pd.DataFrame, said: str) -> None:
    assert sentences.line(table, "train") == said


def test_another_split_is_told_by_its_name() -> None:
    table = line(first=0.04, half=0.2, second=0.44).assign(split="test")
    assert sentences.line(table, "test").startswith("The test loss is 0.04")
    assert sentences.line(table, "train") == ""


def test_how_far_both_ways_went() -> None:
    ways = pd.DataFrame(
        [("a", -1, 0, 0, 0.0), ("a", 149, 30, 0, 0.0), ("a", 4, 5, 5, 2.5), ("b", 149, 3, 4, 0.0)],
        columns=["run", "epoch", "x", "y", "away"],
    )
    assert sentences.plane(ways) == (
        "a ends 30 from the start and was at most 2.5 off the plane; b ends 5 from the start and was at most 0 off the "
        "plane."
    )
    assert sentences.plane(ways.head(0)) == ""


def end(scale: float = 1.0, changed: float = 0.0, difference: float = 1e-5) -> pd.DataFrame:
    return pd.DataFrame(
        {"alpha": [0.5, 1.0] * 2, "measure": ["trace"] * 2 + ["scale-free sharpness"] * 2,
         "value": [40 * scale, 10 * scale, 0.7 * scale, 0.7 * scale], "changed": changed, "images": 4967.0,
         "logit_difference": difference, "logit_size": 20.0}
    )  # fmt: skip


BOTH = {"a": end(), "b": end(5)}


def test_what_rescaling_moves_and_what_it_leaves() -> None:
    assert sentences.rescaled(BOTH, "trace") == (
        "The trace: that of a goes from 10 to 40; that of b goes from 50 to 200."
    )
    assert sentences.rescaled(BOTH, "scale-free sharpness") == (
        "The scale-free sharpness: that of a stays 0.7; that of b stays 3.5."
    )
    assert sentences.rescaled(BOTH, "luck") == ""
    assert sentences.kept_and_changed(BOTH) == "Rescaling moves the trace 4-fold; the scale-free sharpness stays."
    still = {"a": end()[end()["alpha"] == 1]}
    assert sentences.kept_and_changed(still) == "Rescaling moves nothing by more than 10%."


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (BOTH, "None of 4,967 predictions changes at any α; no logit changes by more than 5e-07 of the largest."),
        ({"a": end(), "b": end(changed=3)},
         "At most 3 of 4,967 predictions change; no logit changes by more than 5e-07 of the largest."),
        ({"a": end(difference=0)}, "None of 4,967 predictions changes at any α; no logit changes at all."),
        ({}, ""),
        ({"a": end().head(0)}, ""),
    ],
)  # fmt: skip
def test_whether_predictions_stay(tables: dict[str, pd.DataFrame], said: str) -> None:
    assert sentences.unchanged(tables) == said


def test_the_picture_says_both_ends_and_the_predictions_at_every_alpha() -> None:
    told = sentences.readouts({"a": end(), "b": end(5, changed=2)}, ["trace", "scale-free sharpness"])
    assert set(told) == {(alpha, m) for alpha in (0.5, 1.0) for m in ("trace", "scale-free sharpness")}
    assert told[0.5, "trace"] == "α = 0.5: the trace\na: 40\nb: 200\npredictions that change: 2 of 4,967"


def test_which_ends_these_are() -> None:
    assert sentences.which({"a": (0, end()), "b": (1, end())}) == (
        "Measured at the end of a (seed 0) and b (seed 1), n = 1 each; dropout off."
    )
    assert sentences.which({"a": (0, end())}) == "Measured at the end of a (seed 0), n = 1; dropout off."
