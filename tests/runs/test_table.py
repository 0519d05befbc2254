"""Tables of runs and epochs: types, derived accuracies and finals, and which run answers a question."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from sgd_core.experiment import paper
from sgd_core.experiment.record import Status
from sgd_core.experiment.run import Run
from sgd_core.runs.kept import table
from tests.runs.made import DATE, made


def frames(*runs: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
    epochs = [table.frame("epochs", {"key": [run.key] * len(run.records), **run.epochs()}) for run in runs]
    return table.frame("runs", [run.row() for run in runs]), pd.concat(epochs, ignore_index=True)


@pytest.mark.parametrize("name", table.COLUMNS)
def test_a_table_without_rows_has_the_same_columns_and_types(name: str) -> None:
    run = made(epochs=3)
    measurements = [{"key": run.key, **row} for row in run.measurements]
    full = {"runs": [run.row()], "epochs": {"key": [run.key] * 4, **run.epochs()}, "measurements": measurements}[name]
    assert list(table.frame(name).columns) == table.COLUMNS[name]
    assert table.frame(name).dtypes.to_dict() == table.frame(name, full).dtypes.to_dict()  # type: ignore[arg-type]


def test_accuracies_are_counts_out_of_the_images_and_null_where_not_measured() -> None:
    run = made(epochs=5)
    runs, epochs = frames(run)
    derived = table.with_accuracies(epochs, runs)
    last = run.records[-1]
    assert last.reported_correct is not None
    assert derived["reported_accuracy"].iloc[-1] == last.reported_correct / 2967
    assert derived["test_accuracy"].notna().tolist() == [True, *[False] * 4, True]
    assert derived["images_seen"].tolist() == [0, 2967, 2 * 2967, 3 * 2967, 4 * 2967, 5 * 2967]
    assert not set(table.IMAGE_COLUMNS) & set(derived.columns)


def test_a_final_accuracy_is_the_mean_of_the_last_ten_epochs() -> None:
    run = made(epochs=30)
    finals = table.with_finals(*frames(run)).iloc[0]
    counts = [record.val_correct for record in run.records[-10:] if record.val_correct is not None]
    tests = [record.test_correct for record in run.records[-10:] if record.test_correct is not None]
    assert finals["final_val_accuracy"] == pytest.approx(sum(counts) / 10 / 409, rel=1e-12)
    assert finals["final_test_accuracy"] == pytest.approx(sum(tests) / 2 / 2000, rel=1e-12)  # those that were measured
    losses = [record.test_loss for record in run.records[-10:] if record.test_loss is not None]
    assert finals["final_test_loss"] == pytest.approx(sum(losses) / 2, rel=1e-12)


def test_a_short_run_is_averaged_over_all_its_epochs_and_not_over_the_untrained_network() -> None:
    run = made(epochs=2)
    counts = [record.reported_correct for record in run.records[1:] if record.reported_correct is not None]
    finals = table.with_finals(*frames(run)).iloc[0]
    assert finals["final_reported_accuracy"] == pytest.approx(sum(counts) / 2 / 2967, rel=1e-12)


def test_finals_of_no_runs_are_no_rows() -> None:
    finals = table.with_finals(table.frame("runs"), table.frame("epochs"))
    assert len(finals) == 0
    assert set(table.FINALS) < set(finals.columns)


def test_rows_are_plain_numbers_and_text_with_none_for_null() -> None:
    (row,) = table.rows(frames(made(epochs=1))[0])
    assert {type(value) for value in row.values()} == {int, float, str, bool, type(None)}
    assert row["images_per_class"] is None


def test_a_row_gives_its_spec_back() -> None:
    run = made(epochs=3, schedule="step", images_per_class=20, label_noise=0.1)
    runs, _ = frames(run)
    assert table.spec_of(table.rows(runs)[0]) == run.spec
    assert table.spec_of(runs.iloc[0].to_dict()) == run.spec


def test_runs_of_the_paper_get_its_name_figures_and_number_in_its_order() -> None:
    runs, _ = frames(made(batch_size=17), made(batch_size=512), made(seed=1), made())
    known = table.in_order(table.with_paper(runs))
    assert known["run"].tolist()[:3] == [paper.RUNS[0].name] * 2 + ["B=512, mu=1e-4"]
    assert known["seed"].tolist()[:2] == [0, 1]
    assert known["figures"].tolist()[:3] == ["1, 3", "1, 3", "1, 2"]
    assert known["paper_reported"].tolist()[:3] == [0.9870, 0.9870, 0.9144]
    assert known.iloc[3][["run", "figures", "paper_reported"]].isna().all()


LATER = "2026-02-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("rows", "best"),
    [
        ([("done", 17, DATE), ("done", 33, DATE)], 1),
        ([("done", 33, DATE), ("done", 17, LATER)], 0),
        ([("diverged", 33, DATE), ("done", 17, LATER)], 0),
        ([("cancelled", 151, LATER), ("done", 17, DATE), ("failed", 151, LATER)], 1),
        ([("done", 33, LATER), ("done", 33, DATE)], 0),
    ],
)
def test_the_answer_is_the_ended_run_with_the_most_views_then_the_newest(
    rows: list[tuple[Status, int, str]], best: int
) -> None:
    runs = [made(status, views=views, date=date) for status, views, date in rows]
    listed = table.with_questions(table.frame("runs", [run.row() for run in runs]))
    assert table.answers(listed).index.tolist() == [best]


def test_seeds_are_different_questions() -> None:
    listed = table.with_questions(table.frame("runs", [made(seed=seed).row() for seed in (2, 0, 1)]))
    assert table.answers(listed)["seed"].tolist() == [2, 0, 1]


def test_a_value_of_the_wrong_kind_is_an_error() -> None:
    wrong: dict[str, Any] = {**made(epochs=1).row(), "seed": "zero"}
    with pytest.raises((ValueError, TypeError)):
        table.frame("runs", [wrong])


@pytest.mark.parametrize(
    ("correct", "loss", "status"),
    [(2900, 0.1, "done"), (300, 2.303, "failed to learn"), (2000, 6e18, "failed to learn")],
)
def test_a_run_that_was_kept_as_done_is_told_for_what_it_is(correct: int, loss: float, status: str) -> None:
    runs, epochs = frames(made(epochs=3))
    last = epochs["epoch"] == 2
    epochs.loc[last, ["reported_correct", "reported_correct_true"]] = correct
    epochs.loc[last, "reported_loss"] = loss
    assert table.with_finals(runs, epochs)["status"].tolist() == [status]
    assert table.with_finals(runs.assign(status="cancelled"), epochs)["status"].tolist() == ["cancelled"]
