"""The few calls that a notebook needs: what a run is set to, what it plans, train it, find runs, and what they show.

    from sgd_core import lab

Tables are pandas. A run that was made once, here or for the app, is never made again. docs/notebook.md has an example.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pandas as pd

from sgd_core.evidence import report, verdicts
from sgd_core.experiment import schedules
from sgd_core.experiment.spec import RunSpec
from sgd_core.images.sets import images_of
from sgd_core.runs.kept import search
from sgd_core.runs.kept.store import Store

__all__ = ["epochs", "evidence", "plan", "runs", "spec", "train"]


def spec(**settings: Any) -> RunSpec:
    """A run: the paper's nominal one (B=16, mu=1e-4, 150 epochs) but for these settings, under RunSpec's names.

    Raises SpecError, with a sentence a setting that cannot be.
    """
    return RunSpec.parse(settings)


def plan(run: RunSpec) -> pd.DataFrame:
    """One row an epoch: learning rate, batch size, and totals of updates, training time T and T_eff after it."""
    return pd.DataFrame([asdict(epoch) for epoch in schedules.plan(run, images_of(run))])


def train(*specs: RunSpec, device: str = "auto") -> pd.DataFrame:
    """Train those that are not there yet, one after the other; returns the rows of `runs`, in the order asked for.

    An interrupted run goes on when it is asked for again. Raises UserError where images, weights or torch are missing.
    """
    from sgd_core.cli.train import Wanted, make

    make([Wanted(each, {}) for each in specs], device)
    questions = [each.question() for each in specs]
    return Store().answers(questions).set_index("question").loc[questions].reset_index()


def runs(find: str = "") -> pd.DataFrame:
    """One row a run there is: settings, status, finals (means over the last ten epochs), totals, provenance.

    `find` is a search as on the page of every run: "B=16 seed=0..4", "exponential r=1", "T_eff>=2".
    """
    return search.found(Store().runs(), find).reset_index(drop=True)


def epochs(of: pd.DataFrame | Iterable[RunSpec]) -> pd.DataFrame:
    """One row an epoch of these runs: rows of `runs`, or specs that have been trained; epoch -1 is the untrained head.

    With every recorded number, accuracies, and the settings that make the schedule.
    """
    store = Store()
    rows = of if isinstance(of, pd.DataFrame) else store.answers([each.question() for each in of])
    return store.epochs(rows).merge(rows[["key", "seed"]], on="key")


def evidence() -> pd.DataFrame:
    """One row a claim: verdict, difference with its 95% interval, margin, n, and the sentence that pages say."""
    found = [report.as_json(each) for each in verdicts.verdicts(report.tables(Store()))]
    return pd.DataFrame(found).drop(columns=["controls", "secondary"])
