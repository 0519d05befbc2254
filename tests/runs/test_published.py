"""Published runs: exact through Parquet, whole or not at all, and named where they cannot be read."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sgd_core.errors import UserError
from sgd_core.experiment.run import Run
from sgd_core.runs.kept import table
from sgd_core.runs.kept.published import PublishedRuns
from tests.runs.made import made


def tables(*runs: Run) -> dict[str, pd.DataFrame]:
    epochs = [table.frame("epochs", {"key": [run.key] * len(run.records), **run.epochs()}) for run in runs]
    measurements = [{"key": run.key, **row} for run in runs for row in run.measurements]
    return {
        "runs": table.frame("runs", [run.row() for run in runs]),
        "epochs": pd.concat(epochs, ignore_index=True),
        "measurements": table.frame("measurements", measurements),
    }


def test_tables_come_back_bit_for_bit(tmp_path: Path) -> None:
    kept, folder = tables(made(epochs=12), made("diverged", seed=1)), PublishedRuns(tmp_path)
    folder.write(kept, {"runs": 2}, "text")
    for name, expected in kept.items():
        pd.testing.assert_frame_equal(PublishedRuns(tmp_path).frame(name), expected, check_exact=True)
    epochs = folder.frame("epochs")
    assert epochs["train_loss"].isna().sum() == 2  # of the untrained networks; null, not NaN
    assert not epochs["train_loss"].dropna().ne(epochs["train_loss"].dropna()).any()
    assert folder.provenance() == {"runs": 2}
    assert folder.text("README.md") == "text"


def test_an_empty_folder_holds_typed_tables_without_rows(tmp_path: Path) -> None:
    folder = PublishedRuns(tmp_path / "none")
    for name in table.COLUMNS:
        pd.testing.assert_frame_equal(folder.frame(name), table.frame(name))
    assert folder.provenance() == {}
    assert folder.text("README.md") is None
    assert not folder.folder.exists()


@pytest.mark.parametrize("name", table.COLUMNS)
@pytest.mark.parametrize("damage", ["cut", "text", "empty", "columns", "types"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, damage: str) -> None:
    folder = PublishedRuns(tmp_path)
    folder.write(tables(made(epochs=5)), {}, "")
    path = tmp_path / f"{name}.parquet"
    if damage == "columns":
        folder.frame(name).drop(columns="key").to_parquet(path)
    elif damage == "types":
        column = "seed" if name == "runs" else "epoch"
        folder.frame(name).assign(**{column: "many"}).to_parquet(path)
    else:
        path.write_bytes({"cut": path.read_bytes()[:-20], "text": b"not Parquet", "empty": b""}[damage])
    with pytest.raises(UserError, match=f"{path} cannot be read as a table of published {name}"):
        folder.frame(name)


def test_a_damaged_provenance_is_named(tmp_path: Path) -> None:
    (tmp_path / "provenance.json").write_text("{")
    with pytest.raises(UserError, match=r"provenance\.json is not JSON"):
        PublishedRuns(tmp_path).provenance()
    (tmp_path / "README.md").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(UserError, match=r"README\.md is not a text file"):
        PublishedRuns(tmp_path).text("README.md")


def test_a_file_is_parsed_once_and_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, reads = PublishedRuns(tmp_path), Mock(side_effect=pd.read_parquet)
    folder.write(tables(made(epochs=5)), {}, "")
    monkeypatch.setattr(pd, "read_parquet", reads)
    first = folder.frame("runs")
    first.loc[0, "seed"] = 77  # what a caller does with a table stays with the caller
    assert PublishedRuns(tmp_path).frame("runs")["seed"].tolist() == [0]
    assert reads.call_count == 1
    folder.write(tables(made(epochs=5), made(epochs=5, seed=1)), {}, "")
    assert folder.frame("runs")["seed"].tolist() == [0, 1]
    assert reads.call_count == 2


def test_what_cannot_be_written_whole_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = PublishedRuns(tmp_path)
    folder.write(tables(made(epochs=5)), {}, "old")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        folder.write(tables(made(epochs=5, seed=1)), {}, "new")
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("name", "column", "wrong"),
    [
        ("runs", "batch_size", {"a": 1}), ("runs", "key", None), ("runs", "key", "twice"), ("runs", "train_images", 0),
        ("runs", "device", ["x"]), ("epochs", "epoch", 10**17), ("epochs", "val_loss", "low"), ("epochs", "key", ["x"]),
        ("measurements", "value", {"a": 1}), ("measurements", "epoch", None),
    ],
)  # fmt: skip
def test_rows_of_wrong_types_are_a_sentence(invented: Path, tmp_path: Path, name: str, column: str, wrong: Any) -> None:
    if name == "measurements":
        rows = [{"key": "x", "probe": "noise", "epoch": 1, "name": "trace", "value": 1.0}]
        whole = pa.Table.from_pylist(rows)
    else:
        whole = pq.read_table(invented / f"{name}.parquet")
    for file in ("runs", "epochs"):
        shutil.copy(invented / f"{file}.parquet", tmp_path)
    place = whole.schema.get_field_index(column)
    pq.write_table(whole.set_column(place, column, pa.array([wrong] * whole.num_rows)), tmp_path / f"{name}.parquet")
    with pytest.raises(UserError, match=f"{tmp_path}/{name}.parquet cannot be read as a table of published {name}"):
        PublishedRuns(tmp_path).frame(name)
