"""Hypothesis strategies for RunSpec: everything a user may ask for."""

from __future__ import annotations

from hypothesis import strategies as st

from sgd_core.experiment.heads import HEADS
from sgd_core.experiment.schedules import SCHEDULES
from sgd_core.experiment.spec import RunSpec


def specs() -> st.SearchStrategy[RunSpec]:
    """Any valid spec."""
    return st.fixed_dictionaries(
        {
            "dataset": st.sampled_from(["vegetables", "shapes"]),
            "images_per_class": st.none() | st.integers(2, 10_000),
            "label_noise": st.floats(0, 0.9),
            "features": st.sampled_from(["imagenet", "random"]),
            "views": st.integers(2, 1001),
            "epochs": st.integers(1, 1000),
            "batch_size": st.integers(1, 4096),
            "batch_growth": st.just(1.0) | st.floats(1, 16),
            "learning_rate": st.floats(1e-12, 10),
            "schedule": st.sampled_from(list(SCHEDULES)),
            "warmup_epochs": st.just(0) | st.integers(0, 1000),
            "augment": st.booleans(),
            "head": st.sampled_from(list(HEADS)),
            "dropout": st.floats(0, 0.9),
            "weight_noise": st.just(0.0) | st.floats(0, 10_000),
            "step_decay": st.floats(1e-6, 1 - 1e-6),
            "decay_every": st.integers(1, 1000),
            "decay_rate": st.floats(1e-6, 10),
            "momentum": st.floats(0, 1 - 1e-6),
            "seed": st.integers(0, 2**31 - 1),
        }
    ).map(RunSpec.parse)
