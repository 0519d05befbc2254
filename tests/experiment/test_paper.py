"""The paper's 27 runs as data: membership, settings, reported numbers, and what follows from them."""

from __future__ import annotations

import pandas as pd
import pytest

from sgd_core.errors import UserError
from sgd_core.experiment import fingerprints, paper, schedules
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

KEYS = {
    "B=16, mu=1e-4": "8f599907236d3634474eb2efa516d83b7858758d4ec31a891bfad6406106ab9c",
    "B=32, mu=1e-4": "c0ebd4d01f0c896c0de6082e369b2413e555dc8cf4ac8a2bd57756dca2b2a0a3",
    "B=64, mu=1e-4": "3e667f5b6ce6efb9fc8a694e9031bfa3fa63c3a8acba85bc14f6fb1b4a7120d4",
    "B=128, mu=1e-4": "fce1036457f94c1278f1970bb0536dff464ec860ceac72adda82979d22e9ac64",
    "B=256, mu=1e-4": "c4f645d301214eddc4b616d8ca13615c2d7c704d3962668e0d5e968b6750d73d",
    "B=512, mu=1e-4": "51eefe7f9c9f0be102337d2c0edd76bda775c162c5768fd0e4dbd0e8789a6440",
    "B=256, mu=2e-4": "b03a5c67ea27caf8d9fc2e3168799841b1c468caa4dd1acfecea598e30dc7de6",
    "B=256, mu=4e-4": "fae6f9ba9c218182da24e45eb3de8fdf289b717d68ad7e23bf67a53964867d76",
    "B=256, mu=8e-4": "eaaaac64bfd85ab1f7a922cd8285436891c11019410d5dcff1c8038d180bc79b",
    "B=256, mu=16e-4": "13a777cb1f9620ae466e99a462960a35f4b1c2102dd49e30b5adca19a334c176",
    "B=256, mu=32e-4": "3e6d682fa7e8ad2164dfe5ceacb0c98840d2c05531099fe0d09e3d5435d8f846",
    "B=512, mu=2e-4": "7cd46ba0b47dc50ae3ed08f05d84fa782ce9b0d2db66248e1f206a3126f0e8de",
    "B=512, mu=4e-4": "32c67aa9cbc5afeaf5ef7133a3f8fa9d36afbab960d727842d0dad3c450064ad",
    "B=512, mu=8e-4": "832171b2f89a3c771cf7c0177f4e1a3aa9985d10065bd69eb92736f9c0808b9b",
    "B=512, mu=16e-4": "3cc0d0f651a5621850c6efd172e0506735f5f4fc3a7fda5b0274a8f72d013fc7",
    "B=512, mu=32e-4": "27fc22d6bff7b258e5baec6edca40aa6fa12502e277e0c9f664ad1dbe642b8f2",
    "exponential r=0.1": "b9629e31959ffdb48e865aec3eaf885765f6d3a5896bdb3d9ca95c9f1ed6e21e",
    "exponential r=0.25": "082c669bf97332ad8caeb369090263bceda337bf823c58249d0ca9ba170032b2",
    "exponential r=0.5": "a3c713fb43584171b054e3ccebc9a8d395ed34bb3e17a7add195baa29dfb0b90",
    "exponential r=1": "35be68150a101a088631f5a2b4535dc626039d6c01af51ab4b08a777a09b0179",
    "step s=0.5, N_dec=10": "f94dd825eafcdae50be4be763d2af8fc0d41573525b928476d0bc92919e735c9",
    "step s=0.5, N_dec=8": "f34a6812e85c4a1b51c9424be356cd1649031621c622cb7166300e8ffea1870e",
    "step s=0.5, N_dec=6": "e00477f9353b845facee25af6f67d9c9ed744026b5028a9e02865701ccd6a747",
    "step s=0.5, N_dec=2": "76f738c71517433456421c338c394d6ec495d87960a15944db7e17d7a5632e3a",
    "time-based": "524c83e160d9478531cdf8a2cebdec64f4542bc45306fe40892944dbc1c34fef",
    "s=0.75, s_B=2": "7ed4f38423425bdced1ee1b03eabe13296da497c4640097aee83110c8be35265",
    "s=0.375, B=16": "bd69949b97207e36924cc63ed1938b8e3689c757afeb4a3e8735da684df5443a",
}
"""Of seed 0 and 151 views, on the paper's images and weights."""

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


def test_the_keys_of_the_27_runs_stay_what_they_are() -> None:
    """If this fails, every run kept so far is orphaned: a default was changed, or what a key is made of."""
    assert {run.name: run.spec.key(fingerprints.expected(run.spec)) for run in paper.RUNS} == KEYS


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
