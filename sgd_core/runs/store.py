"""Every run there is, published or this machine's, behind one interface. No page knows where a run came from."""

from __future__ import annotations

from collections.abc import Collection
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
        runs = self._listed()
        return table.with_finals(runs, self._epochs(runs))

    def answers(self, questions: Collection[str]) -> pd.DataFrame:
        """The rows of `runs` that answer these questions, one each: the most views, then the newest."""
        runs = self._listed()
        runs = table.answers(runs[runs["question"].isin(questions)]).reset_index(drop=True)
        return table.with_finals(runs, self._epochs(runs))

    def epochs(self, runs: pd.DataFrame) -> pd.DataFrame:
        """The epochs of these rows of `runs`, with accuracies and images_seen."""
        return table.with_accuracies(self._epochs(runs), runs)

    def measurements(self, runs: pd.DataFrame) -> pd.DataFrame:
        """What probes measured in these runs."""
        kept = self.published.frame("measurements")
        local = table.frame("measurements", self.local.measurements(_keys(runs, LOCAL)))
        return _one_below_the_other(kept[kept["key"].isin(_keys(runs, PUBLISHED))], local)

    def has(self, key: str) -> bool:
        """Whether a run under this key is done or diverged, here or published."""
        published = self.published.frame("runs")
        local = self.local.row(key)
        statuses = [*published.loc[published["key"] == key, "status"], *([local["status"]] if local else [])]
        return any(status in ANSWERS for status in statuses)

    def save(self, run: Run) -> None:
        """Keep a run on this machine; raises StoreError with the folder and the reason where it cannot be kept."""
        self.local.save(run)

    def by_source(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The rows of published runs and of this machine's, without finals; a key may be in both."""
        frames = {PUBLISHED: self.published.frame("runs"), LOCAL: table.frame("runs", self.local.rows())}
        published, local = (
            table.with_questions(frame.assign(source=pd.array([source] * len(frame), dtype="string")))
            for source, frame in frames.items()
        )
        return published, local

    def _listed(self) -> pd.DataFrame:
        published, local = self.by_source()
        return _one_below_the_other(published, local[~local["key"].isin(published["key"])])

    def _epochs(self, runs: pd.DataFrame) -> pd.DataFrame:
        kept = self.published.frame("epochs")
        local = table.frame("epochs", self.local.epochs(_keys(runs, LOCAL)))
        return _one_below_the_other(kept[kept["key"].isin(_keys(runs, PUBLISHED))], local)


def _keys(runs: pd.DataFrame, source: str) -> list[str]:
    return list(runs.loc[runs["source"] == source, "key"])


def _one_below_the_other(*frames: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)
