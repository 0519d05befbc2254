"""The summary index: what it reads, counted, not timed; what it keeps, and where it may not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from sgd_core.runs.kept import index
from sgd_core.runs.kept.local import LocalRuns
from tests.runs.made import made


class CountingRuns(LocalRuns):
    """A store that notes which runs it was asked to read, and how often it was asked anything."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.rows_read: list[str] = []
        self.epochs_read: list[str] = []
        self.queries = 0
        asked = self._cache._asked

        def counted(select: str, parameters: list[tuple[str, ...]]) -> list[tuple[Any, ...]]:
            self.queries += len(parameters)
            return asked(select, parameters)

        self._cache._asked = counted  # type: ignore[method-assign]

    def row(self, key: str) -> dict[str, Any] | None:
        self.rows_read.append(key)
        return super().row(key)

    def epochs(self, keys: Iterable[str]) -> dict[str, list[Any]]:
        keys = list(keys)
        self.epochs_read += keys
        return super().epochs(keys)


RUNS = [made(seed=seed, epochs=3) for seed in range(30)]


@pytest.fixture(autouse=True)
def lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_MODE", "lab")
    monkeypatch.setattr("sgd_core.runs.mode.find_spec", lambda name: "there")


@pytest.fixture
def runs(tmp_path: Path) -> CountingRuns:
    kept = CountingRuns(tmp_path / "runs")
    kept.save_all(RUNS)
    return kept


def as_by_another_process(runs: LocalRuns, monkeypatch: pytest.MonkeyPatch) -> CountingRuns:
    """The same folder where nothing is in memory yet."""
    monkeypatch.setattr(index, "_memory", {})
    return CountingRuns(runs.folder)


def file(runs: LocalRuns) -> Path:
    return runs.folder.with_name("runs.index.parquet")


def test_what_is_listed_once_is_not_read_again(runs: CountingRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    first = index.listed(runs)
    assert set(runs.rows_read) == set(runs.epochs_read) == {run.key for run in RUNS}
    for again in (runs, as_by_another_process(runs, monkeypatch)):
        again.rows_read, again.epochs_read, again.queries = [], [], 0
        assert (
            index.listed(again)
            .sort_values("key", ignore_index=True)
            .equals(first.sort_values("key", ignore_index=True))
        )
        assert (again.rows_read, again.epochs_read) == ([], [])
        assert again.queries <= 4, "when each run was stored, the notes, the kind of keys: however many runs there are"


def test_only_what_is_new_or_newer_is_read(runs: CountingRuns) -> None:
    index.listed(runs)
    runs.rows_read, runs.epochs_read = [], []
    new, newer, gone = made(seed=99, epochs=3), made(seed=5, epochs=3, status="diverged"), RUNS[7].key
    runs.save_all([new, newer])
    runs.delete([gone])
    listed = index.listed(runs).set_index("key")
    assert sorted(runs.epochs_read) == sorted([new.key, newer.key])
    assert gone not in runs.rows_read
    assert gone not in listed.index
    assert len(listed) == len(RUNS)
    assert listed.loc[newer.key, "status"] == "diverged"


def test_a_note_is_seen_at_once(runs: CountingRuns) -> None:
    assert index.listed(runs)["name"].isna().all()
    runs.annotate(RUNS[3].key, "mine", "")
    assert index.listed(runs).set_index("key").loc[RUNS[3].key, "name"] == "mine"


@pytest.mark.parametrize("reason", ["mode", "torch"])
def test_explore_lists_and_writes_nothing(runs: CountingRuns, monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    if reason == "mode":
        monkeypatch.setenv("SGD_MODE", "explore")
    else:
        monkeypatch.setattr("sgd_core.runs.mode.find_spec", lambda name: None)
    assert len(index.listed(runs)) == len(RUNS)
    assert list(runs.folder.parent.iterdir()) == [runs.folder]
    runs.rows_read = []
    assert len(index.listed(runs)) == len(RUNS)
    assert runs.rows_read == []


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet"])
def test_an_index_that_cannot_be_read_is_made_anew(
    runs: CountingRuns, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    file(runs).write_bytes(content)
    assert len(index.listed(runs)) == len(RUNS)
    other = as_by_another_process(runs, monkeypatch)
    assert len(index.listed(other)) == len(RUNS)
    assert other.rows_read == []
