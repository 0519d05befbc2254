"""Every run there is, published or this machine's, behind one interface. No page knows where a run came from."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.run import Run
from sgd_core.experiment.takeover import NewerVersionError
from sgd_core.runs.kept import index, table
from sgd_core.runs.kept.local import LocalRuns, StoreError, readable
from sgd_core.runs.kept.published import PublishedRuns

PUBLISHED, LOCAL, IMPORTED = "published", "this machine", "imported"
"""Where a run came from. Imported ones are only shown: they answer no question and are never published."""


class Store:
    """Published runs, this machine's and imported ones; where several hold a key, the first in that order stands."""

    def __init__(self, published: Path | None = None, local: Path | None = None) -> None:
        self.published = PublishedRuns(published or settings.published_dir())
        self.local = LocalRuns(local or settings.cache_dir() / "runs")
        self.imported = LocalRuns(self.local.folder.with_name("imported"))

    def runs(self) -> pd.DataFrame:
        """One row a run: key, status, source, question, settings, image counts, provenance and final accuracies.

        Also `name` and `note`, a reader's own, and `unit_seconds` (see pace), which published runs have not. What is
        damaged on this machine is left out: see troubles.
        """
        published = _from(self.published.listed(), PUBLISHED)
        local = self._readable(LOCAL)
        imported = self._readable(IMPORTED)
        imported = imported[~imported["key"].isin({*published["key"], *local["key"]})]
        return _one_below_the_other(published, local[~local["key"].isin(published["key"])], imported)

    def troubles(self) -> list[str]:
        """What of this machine's and of imported runs cannot be read, and what to do about it."""
        said = []
        for source in (LOCAL, IMPORTED):
            runs = self.kept_in(source)
            try:
                lacking = len(runs.stamps()) - len(index.listed(runs))
            except (StoreError, NewerVersionError) as error:
                said.append(str(error))
                continue
            if lacking:
                said.append(
                    f"{lacking} of the runs in {runs.folder} cannot be read, for something of {runs.folder}/cache.db "
                    "is damaged; they are left out. What is there is kept as it is; such a run can be trained again."
                )
        return said

    def kept_in(self, source: str) -> LocalRuns:
        """The runs of this machine or the imported ones, which can be renamed and deleted."""
        if source not in (LOCAL, IMPORTED):
            raise UserError(f"{source.capitalize()} runs cannot be changed here; only those of {LOCAL} can.")
        return self.imported if source == IMPORTED else self.local

    def answers(self, questions: Collection[str]) -> pd.DataFrame:
        """The rows of `runs` that answer these questions, one each: the most views, then the newest."""
        runs = self._listed()
        runs = table.answers(runs[runs["question"].isin(questions)]).reset_index(drop=True)
        return table.with_finals(runs, self._epochs(runs))

    def epochs(self, runs: pd.DataFrame) -> pd.DataFrame:
        """The epochs of these rows of `runs`, with accuracies and images_seen."""
        return table.with_accuracies(self._epochs(runs), runs)

    def measurements(self, runs: pd.DataFrame) -> pd.DataFrame:
        """What probes measured in these runs, published and here together; of one value the one from here stands."""
        imported = _keys(runs, IMPORTED)
        ours = set(runs["key"]) - set(imported)
        published = self.published.frame("measurements")
        found = _one_below_the_other(
            published[published["key"].isin(ours)],
            *readable(lambda keys: table.frame("measurements", self.local.measurements(keys)), ours),
            *readable(lambda keys: table.frame("measurements", self.imported.measurements(keys)), imported),
        )
        return found.drop_duplicates(["key", "probe", "epoch", "name"], keep="last", ignore_index=True)

    def has(self, key: str) -> bool:
        """Whether a run under this key is done or diverged, here or published."""
        published = self.published.frame("runs")
        local = self.local.row(key)
        statuses = [*published.loc[published["key"] == key, "status"], *([local["status"]] if local else [])]
        return any(status in ANSWERS for status in statuses)

    def measured(self, key: str) -> tuple[set[tuple[str, int]], int]:
        """(probe, epoch) of everything that is measured of a run, here or published, and the run's last epoch."""
        published = self.published.frame("measurements")
        there = published[published["key"] == key]
        found = {(row["probe"], int(row["epoch"])) for row in [*table.rows(there), *self.local.measurements_of(key)]}
        kept = self.published.frame("epochs")
        epochs = self.local.epochs([key]).get("epoch") or list(kept.loc[kept["key"] == key, "epoch"])
        return found, max((int(epoch) for epoch in epochs), default=-1)

    def save(self, run: Run) -> None:
        """Keep a run on this machine; raises StoreError with the folder and the reason where it cannot be kept."""
        self.local.save(run)

    def by_source(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The rows of published runs and of this machine's, without finals; a key may be in both. Raises StoreError."""
        published = self._published()
        return published, self._indexed(LOCAL)[list(published.columns)]

    def _published(self) -> pd.DataFrame:
        return _from(self.published.asked(), PUBLISHED)

    def _indexed(self, source: str) -> pd.DataFrame:
        return _from(index.listed(self.kept_in(source)).drop(columns="stored"), source)

    def _readable(self, source: str) -> pd.DataFrame:
        try:
            return self._indexed(source)
        except (StoreError, NewerVersionError):
            return _from(index.nothing().drop(columns="stored"), source)

    def _listed(self) -> pd.DataFrame:
        published = self._published()
        local = self._readable(LOCAL)[list(published.columns)]
        return _one_below_the_other(published, local[~local["key"].isin(published["key"])])

    def _epochs(self, runs: pd.DataFrame) -> pd.DataFrame:
        kept = self.published.frame("epochs")

        def of(local: LocalRuns, source: str) -> list[pd.DataFrame]:
            keys = _keys(runs, source)  # mostly none, and a typed table of none costs time too
            return readable(lambda keys: table.frame("epochs", local.epochs(keys)), keys) if keys else []

        here = [*of(self.local, LOCAL), *of(self.imported, IMPORTED)]
        return _one_below_the_other(kept[kept["key"].isin(_keys(runs, PUBLISHED))], *here)


def _from(runs: pd.DataFrame, source: str) -> pd.DataFrame:
    return runs.assign(source=pd.array([source] * len(runs), dtype="string"))


def _keys(runs: pd.DataFrame, source: str) -> list[str]:
    return list(runs.loc[runs["source"] == source, "key"])


def _one_below_the_other(*frames: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)
