"""Every run there is, published or this machine's, behind one interface. No page knows where a run came from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sgd_core import settings
from sgd_core.experiment.record import ANSWERS
from sgd_core.runs import table
from sgd_core.runs.local import LocalRuns
from sgd_core.runs.published import PublishedRuns
from sgd_core.runs.table import Run

PUBLISHED, LOCAL = "published", "this machine"


class Store:
    """Published runs and this machine's; where both hold a key, the published one stands."""

    def __init__(self, published: Path | None = None, local: Path | None = None) -> None:
        self.published = PublishedRuns(published or settings.published_dir())
        self.local = LocalRuns(local or settings.cache_dir() / "runs")

    def runs(self) -> pd.DataFrame:
        """One row a run: key, status, source, question, settings, image counts, provenance and final accuracies."""
        published = self.published.frame("runs").assign(source=PUBLISHED)
        local = table.runs_frame(self.local.rows()).assign(source=LOCAL)
        local = local[~local["key"].isin(published["key"])]
        runs = pd.concat([published, local], ignore_index=True)
        runs["question"] = [table.spec_of(row).question() for row in runs.to_dict("records")]
        return table.with_finals(runs, self._epochs(runs))

    def epochs(self, runs: pd.DataFrame) -> pd.DataFrame:
        """The epochs of these rows of `runs`, with accuracies and images_seen."""
        return table.with_accuracies(self._epochs(runs), runs)

    def measurements(self, runs: pd.DataFrame) -> pd.DataFrame:
        """What probes measured in these runs."""
        kept = self.published.frame("measurements")
        local = [table.measurements_frame(key, self.local.measurements(key)) for key in _keys(runs, LOCAL)]
        return table.join([kept[kept["key"].isin(_keys(runs, PUBLISHED))], *local], kept)

    def has(self, key: str) -> bool:
        """Whether a run under this key is done or diverged, here or published."""
        published = self.published.frame("runs")
        rows = [*published[["key", "status"]].to_dict("records"), *self.local.rows()]
        return any(row["key"] == key and row["status"] in ANSWERS for row in rows)

    def save(self, run: Run) -> None:
        """Keep a run on this machine; raises StoreError with the folder and the reason where it cannot be kept."""
        self.local.save(run)

    def _epochs(self, runs: pd.DataFrame) -> pd.DataFrame:
        kept = self.published.frame("epochs")
        local = [table.epochs_frame(key, self.local.records(key)) for key in _keys(runs, LOCAL)]
        return table.join([kept[kept["key"].isin(_keys(runs, PUBLISHED))], *local], kept)


def _keys(runs: pd.DataFrame, source: str) -> Iterable[str]:
    return list(runs.loc[runs["source"] == source, "key"])
