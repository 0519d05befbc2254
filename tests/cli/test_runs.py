"""`runs` and `publish` on a store of the test's own."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from sgd_core.experiment import paper
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store
from tests.cli.conftest import Command
from tests.runs.made import made

COLUMNS = [
    "figures", "run", *RunSpec.model_fields, "status", "source", "final_reported_accuracy", "final_val_accuracy",
    "final_test_accuracy", "paper_reported", "key",
]  # fmt: skip
OWN: dict[str, Any] = {"batch_size": 17, "dataset": "shapes", "features": "random", "epochs": 20, "images_per_class": 5}


def test_no_runs_are_an_empty_list(command: Command) -> None:
    assert json.loads(command("runs", "--format", "json").out) == []
    assert command("runs", "--format", "csv").out.splitlines() == [",".join(COLUMNS)]
    said = command("runs")
    assert said.code == 0
    assert len(said.out.splitlines()) == 1


def test_json_and_csv_carry_everything(command: Command, store: Store) -> None:
    store.save(made())
    store.save(made(**OWN))
    listed = json.loads(command("runs", "--format", "json").out)
    rows = list(csv.DictReader(io.StringIO(command("runs", "--format", "csv").out)))
    assert [list(row) for row in listed] == [COLUMNS] * 2
    assert [list(row) for row in rows] == [COLUMNS] * 2
    finals = store.runs().set_index("key")["final_val_accuracy"]
    for row, text in zip(listed, rows, strict=True):
        assert RunSpec.parse({name: row[name] for name in RunSpec.model_fields}).key is not None
        assert row["final_val_accuracy"] == float(text["final_val_accuracy"]) == finals[row["key"]]
        assert row["source"] == text["source"] == "this machine"
    assert [(row["figures"], row["run"], row["paper_reported"]) for row in listed] == [
        ("1, 3", "B=16, mu=1e-4", 0.9870),
        (None, None, None),
    ]
    assert rows[1]["paper_reported"] == ""
    assert RunSpec.parse({name: listed[1][name] for name in RunSpec.model_fields}) == made(**OWN).spec


def test_the_table_fits_its_width_and_breaks_no_name(command: Command, store: Store) -> None:
    for run in paper.RUNS:
        store.save(made(**run.spec.model_dump()))
    store.save(made(seed=12345, **OWN))
    lines = command("runs").out.splitlines()
    assert len(lines) == 1 + 27 + 2  # a long name of a run that is not the paper's takes two lines
    assert max(map(len, lines)) <= 120
    for line, run in zip(lines[1:], paper.RUNS, strict=False):
        assert f" {run.name} " in line
        assert f"{run.reported:.4f}" in line
        assert line.split()[-1] in made(**run.spec.model_dump()).key
    assert "shapes, B=17, mu=1e-4" in lines[-2]


def test_an_unknown_format_is_a_sentence(command: Command) -> None:
    said = command("runs", "--format", "xml")
    assert (said.code, said.err.strip()) == (1, "--format is 'xml', but must be one of table, csv, json.")


def test_a_damaged_published_file_is_a_sentence(command: Command, store: Store) -> None:
    store.published.folder.mkdir()
    (store.published.folder / "epochs.parquet").write_bytes(b"PAR1")
    said = command("runs")
    assert said.code == 1
    assert str(store.published.folder / "epochs.parquet") in said.err


def test_publish_writes_and_says_what(command: Command, store: Store) -> None:
    store.save(made())
    said = command("publish", "--dry-run")
    assert said.code == 0
    assert "Would write 1 new or newer runs beside 0 published before" in said.out
    assert "B=16, mu=1e-4" in said.out
    assert not store.published.folder.exists()

    said = command("publish")
    assert "Wrote 1 new or newer runs beside 0 published before" in said.out
    assert store.runs()["source"].tolist() == ["published"]
    assert "Wrote 0 new or newer runs beside 1 published before" in command("publish").out


def test_publish_refuses_when_there_is_nothing(command: Command, store: Store) -> None:
    said = command("publish")
    assert said.code == 1
    assert said.err.startswith("Nothing to publish: no run of the paper, of a claim or of a measurement in ")
    assert not store.published.folder.exists()


@pytest.mark.parametrize("allowed", [False, True])
def test_publish_says_which_runs_stay_out(command: Command, store: Store, allowed: bool) -> None:
    store.save(made())
    store.save(made(seed=1, commit="c" * 40 + "+changes"))
    said = command("publish", *(["--allow-changes"] if allowed else []))
    assert said.code == 0
    assert ("1 runs stay out: made from a core with uncommitted changes." in said.out) is not allowed
    assert len(store.runs()[store.runs()["source"] == "published"]) == 1 + allowed
