"""Only what the paper measured, on its own images, is called the paper's accuracy."""

from __future__ import annotations

import pytest

from sgd_core.charts import growing
from sgd_core.ui.every_run import columns
from sgd_core.ui.shell import replay


@pytest.mark.parametrize(
    ("images", "papers"),
    [([], True), (["vegetables"], True), (["shapes"], False), (["vegetables", "pets"], False), (["pets"], False)],
)
def test_the_papers_accuracy_is_of_the_papers_images(images: list[str], papers: bool) -> None:
    name = "The paper's accuracy" if papers else "Training accuracy on random crops"
    assert replay.called("The paper's accuracy", images) == name
    assert columns.called("paper's accuracy", images) == ("paper's accuracy" if papers else "training accuracy")
    assert replay.called("Validation accuracy", images) == "Validation accuracy"
    assert columns.called("validation", images) == "validation"


def test_the_axis_of_a_loss_reaches_above_that_of_knowing_nothing() -> None:
    assert growing.losses(2) == growing.losses(10) == (0.003, 3.0)
    assert growing.losses(1000)[1] == pytest.approx(8.98, abs=0.01)
