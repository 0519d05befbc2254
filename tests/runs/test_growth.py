"""A setting and a column more: no run is lost, no key changes, and today's version refuses what a later one wrote."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.runs.kept import exchange
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue.jobs import JobFolder
from tests.grown import DEFAULT, NAMES, process
from tests.runs.test_old_files import FORMER, OLD

READ = """
import json, sys
from pathlib import Path
from tests.grown import grow
grow("setting", "column")
from sgd_core.runs.kept import exchange, incoming, table
from sgd_core.runs.kept.store import Store
incoming.read = lambda content: incoming._checked(incoming.rows(content))  # its own process would not have grown

published, cache, export = map(Path, sys.argv[1:])
store = Store(published, cache / "runs")
if export.is_file():
    exchange.take(store, export.read_bytes())
for first in (True, False):
    runs = store.runs()
    epochs = store.epochs(runs)
    rows = table.rows(runs)
    print(json.dumps({
        "keys": [row["key"] for row in rows],
        "theirs": [table.spec_of(row).key(table.fingerprints_of(row)) for row in rows],
        "epochs": len(epochs),
        "notes": sum(row["name"] is not None for row in rows),
        "grown": sorted({row["grown"] for row in rows}),
        "measured": int(epochs["grown_column"].count()),
        "has": [store.has(row["key"]) for row in rows if row["source"] != "imported"],
    }))
    if first and cache.is_dir():  # the first write moves an old cache
        store.local.delete(["0" * 64])
"""

WRITE = """
import sys
from pathlib import Path
from tests.grown import grow, measure
grow(sys.argv[2])
from sgd_core.experiment import fingerprints
from sgd_core.runs.kept import exchange
from sgd_core.runs.queue.jobs import Job, JobFolder
from sgd_core.runs.kept.store import Store
from tests.runs import made
measure(made)

folder = Path(sys.argv[1])
run = made.made(epochs=3)
store = Store(folder / "published", folder / "cache" / "runs")
store.save(run)
runs = store.runs()
(folder / "export.json").write_bytes(exchange.to_json(store, runs))
(folder / "export.parquet").write_bytes(exchange.to_parquet(store, runs))
from tests.runs.test_published import tables
store.published.write(tables(run), {}, "")
JobFolder(folder / "jobs").write(Job(run.key, run.spec, "ann", made.DATE, "interrupted"))
print(run.key)
"""


@pytest.fixture(autouse=True)
def lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_MODE", "lab")


def as_grown(published: Path, cache: Path, export: Path) -> list[dict[str, Any]]:
    """What a later version reads there, before and after its first write."""
    return [json.loads(line) for line in process(READ, published, cache, export).splitlines()]


def test_a_later_version_reads_every_published_run_of_today_under_its_key(tmp_path: Path) -> None:
    published = settings.ROOT / "cached_runs"
    today = Store(published, tmp_path / "none")
    before, after = as_grown(published, tmp_path / "none", tmp_path / "none")
    for told in (before, after):
        assert told["keys"] == told["theirs"] == today.runs()["key"].tolist()
        assert told["epochs"] == len(today.published.frame("epochs"))
        assert (told["grown"], told["measured"], set(told["has"])) == ([DEFAULT], 0, {True})


@pytest.mark.parametrize("name", ["export.json", "export.parquet"])
def test_a_later_version_reads_every_file_of_an_older_one_under_the_keys_that_today_has(
    tmp_path: Path, name: str
) -> None:
    today = Store(OLD / "published", shutil.copytree(OLD / "cache", tmp_path / "today") / "runs")
    exchange.take(today, (OLD / name).read_bytes())
    runs = today.runs()
    assert len(runs) == 2 + len(FORMER) + 1
    before, after = as_grown(OLD / "published", shutil.copytree(OLD / "cache", tmp_path / "later"), OLD / name)
    for told in (before, after):
        assert sorted(told["keys"]) == sorted(told["theirs"]) == sorted(runs["key"])
        assert told["epochs"] == len(today.epochs(runs))
        assert told["notes"] == 2
        assert (told["grown"], told["measured"], set(told["has"])) == ([DEFAULT], 0, {True})


@pytest.fixture(scope="module", params=NAMES)
def later(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """What a version with one more setting, or one more column, wrote: the folder, the name that is new, the key."""
    folder = tmp_path_factory.mktemp(request.param)
    return folder, NAMES[request.param], process(WRITE, folder, request.param).strip()


READS: dict[str, Callable[[Path, str], object]] = {
    "published": lambda folder, key: Store(folder / "published", folder / "none").epochs(
        Store(folder / "published", folder / "none").runs()
    ),
    "cache": lambda folder, key: Store(folder / "none", folder / "cache" / "runs").epochs(
        Store(folder / "none", folder / "cache" / "runs").runs()
    ),
    "export.json": lambda folder, key: exchange.take(
        Store(folder / "none", folder / "none"), (folder / "export.json").read_bytes()
    ),
    "export.parquet": lambda folder, key: exchange.take(
        Store(folder / "none", folder / "none"), (folder / "export.parquet").read_bytes()
    ),
}


@pytest.mark.parametrize("what", READS)
def test_what_a_later_version_wrote_is_refused_by_the_name_of_what_is_new(
    later: tuple[Path, str, str], what: str
) -> None:
    folder, name, key = later
    if what == "cache" and name == NAMES["setting"]:  # what is published is shown beside it
        store = Store(folder / "none", folder / "cache" / "runs")
        (told,) = store.troubles()
        assert f"written by a newer version of this program: it has {name}, which" in told
        assert store.runs().empty
        return
    with pytest.raises(UserError, match=rf"written by a newer version of this program: it has {name}, which"):
        READS[what](folder, key)


def test_a_job_of_a_later_version_is_left_alone(later: tuple[Path, str, str]) -> None:
    folder, name, key = later
    file = folder / "jobs" / f"{key}.json"
    before = file.read_text()
    assert [job.key for job in JobFolder(folder / "jobs").read()] == ([key] if name != NAMES["setting"] else [])
    assert file.read_text() == before
