"""Settings worth seeing, good and bad, by title: each with those that are laid beside it. They are published too."""

from __future__ import annotations

from typing import Any

from sgd_core.experiment import paper
from sgd_core.experiment.spec import RunSpec


def _run(**settings: Any) -> RunSpec:
    return RunSpec.parse(settings)


BEST = max(paper.RUNS, key=lambda run: run.reported)
EXAMPLES: dict[str, tuple[RunSpec, ...]] = {
    "The paper's best": (BEST.spec,),
    "A large batch at the small batch's rate": (_run(batch_size=512), RunSpec()),
    "A large batch, and a rate to match": (_run(batch_size=512, learning_rate=32e-4), RunSpec()),
    "Equal training time, more noise": (
        _run(learning_rate=32e-4, updates=900), _run(batch_size=512, learning_rate=32e-4),
    ),
    "A rate that dies": (_run(batch_size=512, learning_rate=0.01, schedule="exponential", decay_rate=1.0),),
    "At chance": (_run(learning_rate=0.02, epochs=10), _run(batch_size=512, learning_rate=0.02, epochs=10)),
    "Diverged": (_run(batch_size=512, learning_rate=1.0, epochs=10),),
}  # fmt: skip
"""In the order in which they are told."""


def is_example(spec: RunSpec) -> bool:
    """Whether the run is one of them, at whatever seed."""
    question = spec.model_copy(update={"seed": 0}).question()
    return any(question == each.question() for specs in EXAMPLES.values() for each in specs)
