"""Duels for a class: two runs on the shapes that differ in one thing, trained within a minute, and what to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sgd_core.experiment.spec import RunSpec


@dataclass(frozen=True)
class Duel:
    """Two runs, the axis along which they are fairly compared, the question before, and what to look at after."""

    name: str
    runs: tuple[RunSpec, RunSpec]
    axis: str
    """By its key in charts.axes.AXES."""
    question: str
    after: str


def _run(**settings: object) -> RunSpec:
    return RunSpec.parse({"dataset": "shapes", "features": "random", "views": 4, **settings})


DUELS = (
    Duel(
        "B=16 against B=256, equal updates",
        (
            _run(batch_size=16, learning_rate=32e-4, updates=150),
            _run(batch_size=256, learning_rate=32e-4, updates=150),
        ),
        "updates",
        "Both take 150 steps of the same μ, but one sees 16 times as many images and has a sixteenth of the noise μ/B. "
        "Which is ahead after equally many steps, and by how much?",
        "At every update both are at the same T, so what parts them is noise. Then draw them along epochs: who is "
        "ahead there, and why?",
    ),
    Duel(
        "Equal μ/B: four times the batch, four times the step",
        (
            _run(batch_size=16, learning_rate=8e-4, epochs=12),
            _run(batch_size=64, learning_rate=32e-4, epochs=12),
        ),
        "epoch",
        "μ/B is the same, and so is T after every epoch; the large batch takes a quarter of the updates. Will you be "
        "able to tell the two curves apart?",
        "Then draw them along updates: what has the large batch saved?",
    ),
    Duel(
        "Shrink the step, or grow the batch",
        (
            _run(batch_size=16, learning_rate=16e-4, epochs=16, schedule="step", step_decay=0.5, decay_every=4),
            _run(batch_size=16, learning_rate=16e-4, epochs=16, batch_growth=2.0, decay_every=4),
        ),
        "epoch",
        "Every four epochs one halves μ and the other doubles B, so that μ/B falls alike. Which ends higher, and which "
        "is done first?",
        "Then draw them along updates: one takes less than half of the other's.",
    ),
)  # fmt: skip


def of(runs: Iterable[RunSpec]) -> Duel | None:
    """The duel that these runs are, in any order."""
    asked = {run.question() for run in runs}
    return next((duel for duel in DUELS if {run.question() for run in duel.runs} == asked), None)
