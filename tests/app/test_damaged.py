"""A damaged database of this machine's runs: published ones are shown all the same, and nothing is lost or hidden."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sgd_core.runs.kept.local import StoreError
from sgd_core.runs.kept.store import LOCAL, PUBLISHED, Store
from sgd_core.ui.shell import kept
from tests.app.conftest import PAGES, charts, opened, said
from tests.app.test_pages import WITHOUT_CHARTS
from tests.conftest import pages_of
from tests.runs.made import made

NOISE = random.Random(0).randbytes(50_000)


@pytest.fixture(scope="module")
def damaged(invented: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The database, of random bytes; pages of a lab read it."""
    cache = tmp_path_factory.mktemp("cache")
    file = cache / "runs" / "cache.db"
    file.parent.mkdir()
    file.write_bytes(NOISE)
    with pages_of(invented, cache):
        yield file


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_what_is_published_and_which_file_to_move(page: str, damaged: Path) -> None:
    app = opened(page)
    assert not app.exception
    assert not app.error
    assert bool(charts(app)) != page.removesuffix(".py").endswith(WITHOUT_CHARTS)
    assert f"The file {damaged} is damaged; it is kept as it is. Move it" in said(app).replace("\\", "")
    assert damaged.read_bytes() == NOISE


def test_a_stranger_learns_nothing_of_folders(damaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_MODE", "explore")
    assert str(damaged) not in said(opened("pages/Words.py"))


def test_what_needs_the_runs_of_this_machine_says_so_and_keeps_the_file(damaged: Path) -> None:
    store = Store()
    assert set(store.runs()["source"]) == {PUBLISHED}
    for deed in (store.local.check, store.by_source, lambda: store.has("0" * 64), lambda: store.save(made(epochs=1))):
        with pytest.raises(StoreError, match="file is not a database"):
            deed()
    assert damaged.read_bytes() == NOISE


@pytest.mark.parametrize("kind", ["run", "epochs", "measurements", "note"])
@pytest.mark.parametrize("indexed", [False, True])
def test_of_one_damaged_run_the_others_stay(kind: str, indexed: bool, invented: Path, tmp_path: Path) -> None:
    whole, broken = made(epochs=3), made(epochs=3, seed=1)
    with pages_of(invented, tmp_path):
        store = Store()
        store.local.save_all([whole, broken])
        store.local.annotate(broken.key, "mine", "")
        if indexed:
            store.runs()
        with closing(sqlite3.connect(store.local.folder / "cache.db")) as connection, connection:
            connection.execute("UPDATE Cache SET value = x'00' WHERE key = ?", (f"{kind}:{broken.key}",))
        runs = Store().runs()
        left_out = kind in ("run", "epochs") and not indexed
        assert set(runs.loc[runs["source"] == LOCAL, "key"]) == {whole.key} | (set() if left_out else {broken.key})
        assert len(store.troubles()) == left_out
        assert whole.key in set(store.epochs(runs)["key"])
        assert whole.key in set(store.measurements(runs)["key"])
        if kind != "epochs":
            return
        app = opened("pages/Runs.py", run=[broken.key[: kept.SHORT], whole.key[: kept.SHORT]])
        assert not app.exception
        assert not app.error
        assert charts(app)
        assert ("1 of the runs in" in said(app)) == left_out
