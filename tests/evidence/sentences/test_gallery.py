"""The comments of the gallery, on invented rows and on the published ones."""

from __future__ import annotations

from typing import Any

import pytest

from sgd_core.evidence.sentences import gallery
from sgd_core.experiment.examples import EXAMPLES
from sgd_core.runs.kept.store import PUBLISHED, Store
from tests.conftest import ROOT


def row(test: float, **more: Any) -> dict[str, Any]:
    common = {"batch_size": 512, "learning_rate": 32e-4, "noise": 6.25e-6, "epochs": 150, "end_effective": 2.0,
              "end_updates": 12.0, "final_reported_accuracy": 0.99}  # fmt: skip
    return {**common, "final_test_accuracy": test, **more}


@pytest.mark.parametrize(
    ("title", "rows", "said"),
    [
        ("The paper's best", [row(0.985)],
         "The authors' best: 99.1% of the training images on random crops; here 99.0%, and 98.5% of the test images."),
        ("A large batch at the small batch's rate", [row(0.9, end_effective=0.1), row(0.98, batch_size=16)],
         "90.0% of the test images, where B=16 has 98.0%: it is unfinished. It has trained 20 times less far (T_eff)."),
        ("A large batch, and a rate to match", [row(0.985), row(0.98, batch_size=16)],
         "The same batch with 32 times the rate: 98.5% of the test images, 0.5 points above B=16 at μ=1e-4. Equal "
         "noise, and equal training time: this pair cannot tell which of them does it."),
        ("A large batch, and a rate to match", [row(0.97), row(0.98, batch_size=16)],
         "The same batch with 32 times the rate: 97.0% of the test images, 1.0 points below B=16 at μ=1e-4. Equal "
         "noise, and equal training time: this pair cannot tell which of them does it."),
        ("Equal training time, more noise", [row(0.97, noise=2e-4), row(0.99)],
         "Equal training time, equal updates, 32 times the noise of B=512: 97.0% of the test images, against 99.0%."),
        ("A rate that dies", [row(0.85)],
         "μ falls by a factor e every epoch: after 20 of 150 epochs nothing moves any more. 85.0% of the test images."),
        ("At chance", [row(0.1), row(0.93)],
         "Too large a rate for so small a batch: it ends at chance, 10.0% of the test images. B=512 learns at this "
         "very rate (93.0% after as many epochs)."),
        ("Diverged", [row(0.1)], "The loss left all bounds: training was stopped after 12 updates."),
    ],
)  # fmt: skip
def test_what_a_comment_says(title: str, rows: list[gallery.Row], said: str) -> None:
    assert gallery.comment(title, rows) == said


def test_the_published_runs_are_as_the_titles_say() -> None:
    runs = Store(ROOT / "cached_runs", ROOT / "no local runs").runs()
    ends = {}
    for title, specs in EXAMPLES.items():
        found = [runs[(runs["question"] == spec.question()) & (runs["source"] == PUBLISHED)] for spec in specs]
        assert not any(each.empty for each in found), title
        ends[title] = found[0].iloc[-1]
    assert ends["At chance"]["status"] == "failed to learn"
    assert ends["Diverged"]["status"] == "diverged"
    best = ends["The paper's best"]["final_test_accuracy"]
    for title in ("A large batch at the small batch's rate", "Equal training time, more noise", "A rate that dies"):
        assert ends[title]["final_test_accuracy"] < best - 0.01, title
    assert abs(ends["A large batch, and a rate to match"]["final_test_accuracy"] - best) < 0.01
