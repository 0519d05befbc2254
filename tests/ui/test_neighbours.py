"""The runs nearest to one that somebody asks for."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept import table
from sgd_core.runs.kept.store import LOCAL, PUBLISHED
from sgd_core.ui.shell import neighbours


def runs(*settings: dict[str, Any], source: str = PUBLISHED, status: str = "done") -> pd.DataFrame:
    rows = []
    for each in settings:
        spec = RunSpec.parse(each)
        rows.append(
            {
                **spec.model_dump(),
                "status": status,
                "source": source,
                "question": spec.question(),
                "key": spec.question(),
            }
        )
    columns = [*table.SPEC_COLUMNS, "status", "source", "question", "key"]
    types = {"images_per_class": "Int64", "updates": "Int64"}
    return pd.DataFrame(rows, columns=columns).astype(types)


BATCHES = runs(*({"batch_size": batch} for batch in (16, 32, 64, 128, 256, 512)))


@pytest.mark.parametrize(
    ("batch_size", "nearest"), [(16, [16, 32, 64]), (20, [16, 32, 64]), (512, [512, 256, 128]), (4096, [512, 256, 128])]
)
def test_the_nearest_stands_first(batch_size: int, nearest: list[int]) -> None:
    assert list(neighbours.among(BATCHES, RunSpec(batch_size=batch_size))["batch_size"]) == nearest


def test_of_several_seeds_the_one_that_is_asked_for_stands() -> None:
    seeds = runs(*({"batch_size": batch, "seed": seed} for batch in (16, 32) for seed in (2, 1, 0)))
    for seed, stands in ((1, 1), (2, 2), (7, 0)):
        near = neighbours.among(seeds, RunSpec(seed=seed))
        assert list(near["seed"]) == [stands, stands]
        assert near["title"].is_unique


def test_of_one_run_with_more_and_fewer_crops_the_one_that_answers_stands() -> None:
    crops = runs({"views": 33}, {"views": 151}, {"views": 65})
    assert list(neighbours.among(crops, RunSpec(batch_size=32))["views"]) == [151]  # as kept.answer has it


def test_neighbours_have_the_same_labels_and_images_where_any_has() -> None:
    noisy = runs({"label_noise": 0.3, "batch_size": 512}, {"label_noise": 0.3, "batch_size": 16})
    every = pd.concat([BATCHES, noisy], ignore_index=True)
    near = neighbours.among(every, RunSpec(label_noise=0.3))
    assert list(near["label_noise"]) == [0.3, 0.3]
    assert list(near["batch_size"]) == [16, 512]
    assert (neighbours.among(every, RunSpec(label_noise=0.2))["label_noise"] == 0).all()
    assert (neighbours.among(every, RunSpec(images_per_class=10))["label_noise"] == 0).all()


def test_this_machines_runs_stand_where_none_is_published() -> None:
    own = runs({"dataset": "shapes"}, {"dataset": "shapes", "batch_size": 32}, source=LOCAL)
    both = pd.concat([BATCHES, own], ignore_index=True)
    assert list(neighbours.among(both, RunSpec(dataset="shapes"))["batch_size"]) == [32]  # itself is no neighbour
    assert set(neighbours.among(both, RunSpec())["source"]) == {PUBLISHED}


def test_a_run_that_has_not_ended_is_no_neighbour() -> None:
    assert neighbours.among(runs({}, status="cancelled"), RunSpec()).empty
    assert neighbours.among(BATCHES.head(0), RunSpec()).empty
    assert len(neighbours.among(runs({}, status="diverged"), RunSpec())) == 1
