"""The paper's 27 runs as data: membership, settings, reported numbers, and what follows from them."""

from __future__ import annotations

import pandas as pd
import pytest

from sgd_core.errors import UserError
from sgd_core.experiment import paper, schedules
from sgd_core.experiment.spec import RunSpec

REPORTED: list[tuple[str, dict[str, object], float, float]] = [
    ("1, 3", {"batch_size": 16}, 0.9870, 0.9912),
    ("1", {"batch_size": 32}, 0.9817, 0.9869),
    ("1", {"batch_size": 64}, 0.9767, 0.9801),
    ("1", {"batch_size": 128}, 0.9650, 0.9683),
    ("1, 2", {"batch_size": 256}, 0.9508, 0.9565),
    ("1, 2", {"batch_size": 512}, 0.9144, 0.9211),
    ("2", {"batch_size": 256, "learning_rate": 2e-4}, 0.9670, 0.9700),
    ("2", {"batch_size": 256, "learning_rate": 4e-4}, 0.9750, 0.9781),
    ("2", {"batch_size": 256, "learning_rate": 8e-4}, 0.9813, 0.9845),
    ("2", {"batch_size": 256, "learning_rate": 16e-4}, 0.9863, 0.9902),
    ("2", {"batch_size": 256, "learning_rate": 32e-4}, 0.9907, 0.9939),
    ("2", {"batch_size": 512, "learning_rate": 2e-4}, 0.9459, 0.9501),
    ("2", {"batch_size": 512, "learning_rate": 4e-4}, 0.9646, 0.9720),
    ("2", {"batch_size": 512, "learning_rate": 8e-4}, 0.9765, 0.9831),
    ("2", {"batch_size": 512, "learning_rate": 16e-4}, 0.9809, 0.9848),
    ("2", {"batch_size": 512, "learning_rate": 32e-4}, 0.9870, 0.9899),
    ("3", {"schedule": "exponential", "decay_rate": 0.1}, 0.9728, 0.9778),
    ("3", {"schedule": "exponential", "decay_rate": 0.25}, 0.9437, 0.9515),
    ("3", {"schedule": "exponential", "decay_rate": 0.5}, 0.9032, 0.9144),
    ("3", {"schedule": "exponential", "decay_rate": 1}, 0.7298, 0.7442),
    ("3", {"schedule": "step", "step_decay": 0.5, "decay_every": 10}, 0.9776, 0.9842),
    ("3", {"schedule": "step", "step_decay": 0.5, "decay_every": 8}, 0.9752, 0.9818),
    ("3", {"schedule": "step", "step_decay": 0.5, "decay_every": 6}, 0.9710, 0.9794),
    ("3", {"schedule": "step", "step_decay": 0.5, "decay_every": 2}, 0.9283, 0.9380),
    ("3", {"schedule": "time"}, 0.9905, 0.9933),
    ("4", {"schedule": "step", "step_decay": 0.75, "decay_every": 20, "batch_growth": 2}, 0.9729, 0.9788),
    ("4", {"schedule": "step", "step_decay": 0.375, "decay_every": 20}, 0.9726, 0.9788),
]
"""Figures, settings beside the figure's own, the final and the best accuracy that the authors reported."""

OF_FIGURE: dict[str, dict[str, object]] = {
    "3": {"batch_size": 512, "learning_rate": 0.01},
    "4": {"batch_size": 16, "learning_rate": 1e-4, "epochs": 120},
}


@pytest.mark.parametrize(("figures", "settings", "reported", "best"), REPORTED)
def test_a_run_has_the_settings_and_numbers_of_the_authors(
    figures: str, settings: dict[str, object], reported: float, best: float
) -> None:
    run = paper.find(RunSpec.parse({**OF_FIGURE.get(figures, {}), **settings}))
    assert run is not None
    assert ", ".join(map(str, run.figures)) == figures
    assert (run.reported, run.best) == (reported, best)


def test_there_are_27_different_runs() -> None:
    assert len(paper.RUNS) == len(REPORTED) == 27
    assert len({run.spec.question() for run in paper.RUNS}) == 27
    assert len({run.name for run in paper.RUNS}) == 27


def test_the_figures_have_their_runs() -> None:
    assert {number: len(paper.runs_of(number)) for number in paper.FIGURES} == {1: 6, 2: 12, 3: 10, 4: 2}
    assert {run.spec.batch_size for run in paper.runs_of(1)} == {16, 32, 64, 128, 256, 512}
    assert {run.spec.epochs for run in paper.RUNS} == {120, 150}


def test_a_figure_that_the_paper_has_not_is_an_error_that_says_so() -> None:
    with pytest.raises(UserError, match="figure is 5, but must be one of 1, 2, 3, 4"):
        paper.runs_of(5)


@pytest.mark.parametrize("figure", paper.FIGURES.values(), ids=lambda figure: str(figure.number))
def test_a_figure_says_what_the_paper_says_and_what_to_mind(figure: paper.Figure) -> None:
    assert figure.question.endswith("?")
    assert min(map(len, (figure.title, figure.settings, figure.statement, figure.caveat))) > 20


def test_a_run_is_found_whatever_its_seed_and_views() -> None:
    for run in paper.RUNS:
        assert paper.find(run.spec.model_copy(update={"seed": 7, "views": 33})) is run


def test_other_settings_are_none_of_the_papers_runs() -> None:
    for change in ({"batch_size": 17}, {"features": "random"}, {"epochs": 149}, {"label_noise": 0.1}):
        assert paper.find(RunSpec().model_copy(update=change)) is None


@pytest.mark.parametrize(
    ("settings", "epochs"),
    [
        *(({"schedule": "exponential", "decay_rate": r}, n) for r, n in {0.1: 47, 0.25: 19, 0.5: 10, 1: 5}.items()),
        *(({"schedule": "step", "decay_every": n_dec}, n) for n_dec, n in {10: 70, 8: 56, 6: 42, 2: 14}.items()),
    ],
)
def test_epochs_at_a_learning_rate_of_1e_4_or_more(settings: dict[str, object], epochs: int) -> None:
    run = paper.find(RunSpec.parse({**OF_FIGURE["3"], **settings}))
    assert run is not None
    assert sum(rate >= 1e-4 for rate in schedules.learning_rates(run.spec)) == epochs


def test_training_time_and_noise_rank_the_reported_finals_equally_well_and_updates_do_not() -> None:
    rows = []
    for run in paper.RUNS:
        plan = schedules.plan(run.spec, paper.TRAIN_IMAGES)
        noise = sum(epoch.learning_rate / epoch.batch_size for epoch in plan) / len(plan)
        rows.append((run.reported, plan[-1].training_time, noise, plan[-1].updates))
    table = pd.DataFrame(rows, columns=["reported", "training_time", "noise", "updates"])
    spearman = table.rank().corr()["reported"]
    assert spearman.round(2).to_dict() == {"reported": 1, "training_time": 0.98, "noise": 0.97, "updates": 0.33}
