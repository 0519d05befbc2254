"""A search finds what its words say: every setting by its value and no other number, every name as it is written."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgd_core.errors import UserError
from sgd_core.experiment import names
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept import search, table
from sgd_core.runs.kept.search import found
from tests.experiment.strategies import specs

SPECS = [
    RunSpec(),
    RunSpec(batch_size=160, learning_rate=16e-4, seed=1),
    RunSpec(batch_size=512, schedule="exponential", decay_rate=1.0),
    RunSpec(batch_size=512, schedule="exponential", decay_rate=0.1),
    RunSpec(batch_size=512, schedule="step", step_decay=0.5, decay_every=6),
    RunSpec(batch_size=512, schedule="step", step_decay=0.75, decay_every=60),
    RunSpec(schedule="time", batch_growth=2.0, decay_every=6),
    RunSpec(momentum=0.99, epochs=8, views=33),
    RunSpec(dataset="shapes", features="random", augment=False, images_per_class=10, label_noise=0.3, head="linear"),
    RunSpec(epochs=80, warmup_epochs=5, dropout=0.0, weight_noise=31.0, seed=12),
    RunSpec(batch_size=8, updates=1000),
]


def listed(specs: list[RunSpec]) -> pd.DataFrame:
    """Rows as Store.runs has them, in this order, keys 000..., 001..."""
    rows = [
        {
            **spec.model_dump(), "key": f"{place:03d}abc", "status": "done", "source": "published", "name": None,
            "note": "#demo for Tuesday" if place == 1 else None, "noise": spec.learning_rate / spec.batch_size,
            "end_updates": 100.0 * place, "end_time": 0.5 * place, "end_effective": 0.4 * place,
            "final_val_accuracy": 0.9 + place / 1000,
        }
        for place, spec in enumerate(specs)
    ]  # fmt: skip
    frame = table.frame("runs", rows)
    more = [column for column in rows[0] if column not in frame]
    return frame.assign(**{column: [row[column] for row in rows] for column in more})


RUNS = listed(SPECS)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", list(range(11))),
        ("B=16", [0, 6, 7, 8, 9]),
        ("b=16 seed=12", [9]),
        ("m=0.99 epochs=8", [7]),
        ("B=8 updates=1000", [10]),
        ("features=random head=linear", [8]),
        ("B = 160", [1]),
        ("B>=160", [1, 2, 3, 4, 5]),
        ("B=100..200", [1]),
        ("B<16", [10]),
        ("mu=16e-4", [1]),
        ("μ=0.0016", [1]),
        ("μ₀>1e-3", [1]),
        ("mu/B=1e-5", [1]),
        ("exponential r=1", [2]),
        ("exponential", [2, 3]),
        ("expo", [2, 3]),
        ("r=0.1", [3]),
        ("s=0.5", [4]),
        ("N_dec=6", [4, 6]),
        ("s_B=2", [6]),
        ("time-based", [6]),
        ("m=0.99", [7]),
        ("epochs=8", [7]),
        ("8 epochs", [7]),
        ("epochs=150", [0, 1, 2, 3, 4, 5, 6, 8]),
        ("B=8", [10]),
        ("80 epochs", [9]),
        ("V=33", [7]),
        ("v=31", [9]),
        ("seed 1", [1]),
        ("30% wrong labels", [8]),
        ("wrong>0.2", [8]),
        ("10 images a class", [8]),
        ("no crops", [8]),
        ("linear head", [8]),
        ("dropout 0", [9]),
        ("warm-up 5", [9]),
        ("shapes", [8]),
        ("data=shapes", [8]),
        ("hapes", []),
        ("#demo", [1]),
        ("tuesday", [1]),
        ("007abc", [7]),
        ("T>=4 T<4.6", [8, 9]),
        ("T_eff=1.2", [3]),
        ("updates=200..300", [2, 3]),
        ("validation>=90.8%", [8, 9, 10]),
        ("ended=done from=published", list(range(11))),
        ("step s=0.5, N_dec=6, B=512", [4]),
    ],
)
def test_words_find(text: str, places: list[int]) -> None:
    assert [int(key[:3]) for key in found(RUNS, text)["key"]] == places


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("foo=3", "foo is no column of the runs; it can be one of B, mu, "),
        ("B=many", "B is 'many', but must be a number or a range, as in B=16, B>=16 or B=16..64."),
        ("B=", "B is '', but must be"),
        ("B=1..2..3", "B is '1..2..3', but"),
        ("B>1..2", "B is '1..2', but"),
        ("mu=nan", "mu is 'nan', but"),
        ("mu=1e999", "mu is '1e999', but"),
        ("schedule>step", "schedule is a text: it can be asked for by = only, as in schedule=step."),
        ("x" * 301, "The search has 301 characters, but may have 300 at most."),
        ("a " * 25, "The search has 25 words, but may have 24 at most."),
    ],
)
def test_what_cannot_be_searched_for_is_named(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as error:
        found(RUNS, text)
    assert sentence in str(error.value)


@settings(max_examples=12)
@given(st.lists(specs(), min_size=1, max_size=4))
def test_the_name_of_a_run_finds_it(several: list[RunSpec]) -> None:
    runs = listed(several)
    for place, spec in enumerate(several):
        name = names.name_of(spec)
        for label in (name, name.replace("mu=", "μ="), f"{name}, seed {spec.seed}"):
            assert f"{place:03d}abc" in set(found(runs, label)["key"])


def test_what_names_cannot_have_is_no_regular_expression() -> None:
    assert found(RUNS, "([").empty
    assert found(RUNS, ".*").empty
    assert len(found(RUNS, " , ,")) == len(RUNS)
    assert search.LONGEST >= 300


@given(several=st.lists(specs(), min_size=1, max_size=4))
@settings(max_examples=60)
def test_the_search_that_names_runs_finds_them(several: list[RunSpec]) -> None:
    runs = listed(several).assign(end_updates=[float(spec.updates or 100) for spec in several])
    assert list(found(runs, search.naming(several)).index) == list(range(len(several)))


def test_the_search_that_names_a_grid_finds_no_other_run() -> None:
    cells = [RunSpec(batch_size=b, learning_rate=mu, epochs=8, views=33) for b in (16, 64) for mu in (1e-4, 1e-3)]
    text = search.naming(cells)
    assert {"B=16..64", "mu=0.0001..0.001", "epochs=8", "seed=0", "schedule=constant", "data=vegetables"} <= {
        *text.split()
    }
    runs = listed([*cells, *SPECS])
    assert list(found(runs, text).index) == list(range(len(cells)))
    assert "updates=1000" in search.naming([SPECS[-1]]).split()


def test_a_search_that_finds_nothing_knows_what_each_word_finds() -> None:
    assert found(RUNS, "B=16 exponential").empty
    assert search.alone(RUNS, "B=16 exponential") == {"B=16": 5, "exponential": 2}
    assert search.alone(RUNS, "") == {}
