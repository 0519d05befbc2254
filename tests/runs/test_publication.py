"""What gets published: the choice of runs, provenance.json and the README."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment import fingerprints, paper
from sgd_core.experiment.claims import CLAIMS
from sgd_core.experiment.run import Run
from sgd_core.experiment.spec import PROTOCOL, Fingerprints
from sgd_core.runs.kept import publication, readme, table
from sgd_core.runs.kept.store import PUBLISHED, Store
from tests.runs.made import DATE, made

LATER = "2026-02-02T00:00:00+00:00"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "published", tmp_path / "runs")


def save(store: Store, *runs: Run) -> None:
    for run in runs:
        store.save(run)


def published(store: Store) -> pd.DataFrame:
    runs = store.runs()
    return runs[runs["source"] == PUBLISHED].reset_index(drop=True)


def contents(store: Store) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in store.published.folder.iterdir()}


def row_of(text: str, name: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith("|") and f"| {name} |" in line]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_runs_of_the_paper_are_published_with_their_epochs_and_measurements(store: Store) -> None:
    runs = [made(), made(seed=1), made("diverged", batch_size=512)]
    save(store, *runs)
    publication.prepare(store).write()
    assert sorted(contents(store)) == [
        "README.md", "epochs.parquet", "measurements.parquet", "provenance.json", "runs.parquet",
    ]  # fmt: skip
    assert published(store)["key"].tolist() == [run.key for run in runs]
    epochs = store.published.frame("epochs")
    assert epochs["key"].value_counts().to_dict() == {run.key: len(run.records) for run in runs}
    assert epochs["val_loss"].tolist() == [record.val_loss for run in runs for record in run.records]
    assert store.published.frame("measurements")["value"].tolist()[::2] == [
        run.measurements[0]["value"] for run in runs
    ]


def test_only_done_and_diverged_runs_of_the_paper_go_out(store: Store) -> None:
    save(store, made(), made("cancelled", seed=1), made("failed", seed=2), made(batch_size=17), made(features="random"))
    assert publication.prepare(store).runs["key"].tolist() == [made().key]


def test_the_most_views_go_out_for_each_question_and_seed(store: Store) -> None:
    save(store, made(views=17), made(views=33), made(views=17, seed=1), made("cancelled", views=151))
    assert publication.prepare(store).runs[["seed", "views"]].values.tolist() == [[0, 33], [1, 17]]


def test_what_was_published_stays(store: Store) -> None:
    save(store, made(views=33), made(seed=1, views=33))
    publication.prepare(store).write()
    elsewhere = Store(store.published.folder, store.local.folder.parent / "other")
    save(elsewhere, made(seed=2, views=33), made(views=17), made(seed=1, views=151))
    prepared = publication.prepare(elsewhere)
    assert prepared.new[["seed", "views"]].values.tolist() == [[1, 151], [2, 33]]
    prepared.write()
    assert published(store)[["seed", "views"]].values.tolist() == [[0, 33], [1, 33], [1, 151], [2, 33]]
    assert set(store.published.frame("epochs")["key"]) == set(published(store)["key"])


@pytest.mark.parametrize(("date", "device"), [(LATER, "cpu: new"), (DATE, "cpu: old"), ("2025-12-31", "cpu: old")])
def test_only_a_newer_run_replaces_one_of_the_same_key(store: Store, date: str, device: str) -> None:
    save(store, made(device="cpu: old"))
    publication.prepare(store).write()
    save(store, made("diverged", date=date, device=device))
    publication.prepare(store).write()
    assert published(store)["device"].tolist() == [device]
    assert len(store.published.frame("epochs")) == (75 if date == LATER else 151)


def test_runs_of_other_images_stay_out_and_are_counted(store: Store) -> None:
    own = made(dataset="cats-and-dogs", prints=Fingerprints("of pets", fingerprints.WEIGHTS["imagenet"]))
    other = made(prints=Fingerprints("other vegetables", fingerprints.WEIGHTS["imagenet"]), date=LATER)
    save(store, own, other)
    with pytest.raises(UserError, match=r"^Nothing to publish: 2 runs of other images than the paper's and the shapes"):
        publication.prepare(store)
    save(store, made())
    prepared = publication.prepare(store)
    assert prepared.runs["key"].tolist() == [made().key]
    assert prepared.of_others == 2
    assert publication.other_images(1) == (
        "1 run of other images than the paper's and the shapes stays out: their source and licence are not known here. "
        "Export them instead (Every run)."
    )


def test_runs_from_a_changed_core_stay_out_unless_they_are_allowed(store: Store) -> None:
    changed = made(seed=1, commit="b" * 40 + "+changes")
    save(store, changed)
    with pytest.raises(UserError, match=r"the 1 finished runs .* uncommitted changes.*--allow-changes"):
        publication.prepare(store)
    save(store, made())
    prepared = publication.prepare(store)
    assert (prepared.runs["seed"].tolist(), prepared.with_changes) == ([0], 1)
    assert publication.prepare(store, allow_changes=True).runs["seed"].tolist() == [0, 1]


def test_runs_of_the_map_go_out_at_every_number_of_views(store: Store) -> None:
    cell: dict[str, Any] = {"learning_rate": 32e-4, "updates": 900}
    save(store, made(views=151, **cell), made(views=33, **cell), made(views=17, batch_size=17, **cell))
    assert sorted(publication.prepare(store).runs["views"]) == [33, 151]  # B = 17 is on no map


def test_a_run_with_more_views_from_a_changed_core_does_not_keep_another_from_going_out(store: Store) -> None:
    save(store, made(views=151, commit="b" * 40 + "+changes"), made(views=33))
    assert publication.prepare(store).runs["views"].tolist() == [33]


def test_nothing_to_publish_is_an_error_that_names_the_folder(store: Store) -> None:
    with pytest.raises(
        UserError,
        match=f"Nothing to publish: no run of the paper, of a claim or of a measurement in {store.local.folder}",
    ):
        publication.prepare(store)
    save(store, made("cancelled"), made(batch_size=17))
    with pytest.raises(UserError, match="Nothing to publish"):
        publication.prepare(store)
    assert not store.published.folder.exists()


def test_preparing_writes_nothing(store: Store) -> None:
    save(store, made())
    publication.prepare(store)
    assert not store.published.folder.exists()


def test_the_same_runs_give_the_same_bytes_in_whatever_order_they_were_made(store: Store) -> None:
    runs = [
        made(),
        made(batch_size=512),
        made(seed=1),
        made("diverged", schedule="time", batch_size=512, learning_rate=0.01),
    ]
    save(store, *runs)
    publication.prepare(store).write()
    first = contents(store)
    publication.prepare(store).write()
    assert contents(store) == first
    again = Store(store.published.folder.with_name("again"), store.local.folder.with_name("other"))
    save(again, *reversed(runs))
    publication.prepare(again).write()
    assert contents(again) == first
    later = Store(store.published.folder.with_name("later"), store.local.folder)
    save(one := Store(later.published.folder, store.local.folder.with_name("one")), runs[2])
    publication.prepare(one).write()
    publication.prepare(later).write()  # the rest, added to what one machine published before
    assert contents(later) == first


def test_provenance_says_what_the_runs_stand_on(store: Store) -> None:
    save(store, made(), made(seed=1, date=LATER), made(seed=2, device="cuda: other", views=33))
    publication.prepare(store).write()
    told = json.loads((store.published.folder / "provenance.json").read_text())
    assert told["runs"] == 3
    assert [(entry["version"], entry["runs"]) for entry in told["protocols"]] == [(PROTOCOL, 3)]
    (data,) = told["data"]
    assert data["images"] == {"train": 2967, "val": 409, "test": 2000}
    assert "misrakahmed/vegetable-image-dataset" in data["description"]
    assert "CC BY-SA 4.0" in data["description"]
    assert "AlexNet_Weights.IMAGENET1K_V1" in told["weights"][0]["description"]
    assert {(bank["bank_seed"], bank["views"], bank["runs"]) for bank in told["banks"]} == {(0, 151, 2), (0, 33, 1)}
    assert [(made["device"], made["first"], made["last"], made["runs"]) for made in told["made"]] == [
        ("cpu: test", DATE, LATER, 2),
        ("cuda: other", DATE, DATE, 1),
    ]
    assert set(told["accuracies"]) == {"reported", "val", "test"}


def test_the_transform_is_named_as_the_feature_bank_names_it() -> None:
    features = pytest.importorskip("sgd_core.training.features")
    assert publication.TRANSFORMS[PROTOCOL] == features.TRANSFORM


def test_the_readme_has_a_row_for_each_of_the_27_runs(store: Store) -> None:
    save(store, made())
    prepared = publication.prepare(store)
    prepared.write()
    text = (store.published.folder / "README.md").read_text()
    (run,) = prepared.runs.to_dict("records")
    finals = [f"{run[f'final_{metric}_accuracy']:.4f}" for metric in ("reported", "val", "test")]
    assert row_of(text, "B=16, mu=1e-4") == [
        "1, 3", "B=16, mu=1e-4", "0.9870", *finals, "1", "151", "done", "cpu: test",
    ]  # fmt: skip
    for missing in paper.RUNS[1:]:
        figures = ", ".join(map(str, missing.figures))
        not_yet = [figures, missing.name, f"{missing.reported:.4f}", *["not yet"] * 3, "0", "", "not yet", ""]
        assert row_of(text, missing.name) == not_yet
    assert "1 of the 27 runs are done." in text


def test_a_row_is_mean_and_deviation_over_the_seeds_with_the_most_views(store: Store) -> None:
    save(store, *(made(seed=seed, views=33) for seed in range(3)), made(seed=9, views=17))
    save(store, made("diverged", seed=3, views=33, device="cuda: other"))
    prepared = publication.prepare(store)
    finals = prepared.runs[(prepared.runs["views"] == 33) & (prepared.runs["status"] == "done")]["final_val_accuracy"]
    row = row_of(readme.results(prepared.runs), "B=16, mu=1e-4")
    assert row[4] == f"{finals.mean():.4f} ± {finals.std(ddof=1):.4f}"
    assert row[6:] == ["3", "33", "3 done, 1 diverged", "cpu: test; cuda: other"]


def test_runs_that_all_diverged_have_no_final_accuracy(store: Store) -> None:
    save(store, made("diverged"))
    prepared = publication.prepare(store)
    assert row_of(readme.results(prepared.runs), "B=16, mu=1e-4")[3:9] == ["-", "-", "-", "0", "151", "diverged"]
    assert "0 of the 27 runs are done." in readme.results(prepared.runs)


def test_the_summary_gives_the_mean_difference_and_the_largest_ones(store: Store) -> None:
    save(store, made(), made(batch_size=512))
    prepared = publication.prepare(store)
    points = [
        100 * (row["final_reported_accuracy"] - row["paper_reported"]) for row in prepared.runs.to_dict("records")
    ]
    names = prepared.runs["run"].tolist()
    low, high = sorted(zip(points, names))
    assert (
        f"{sum(points) / 2:+.2f} points from the authors' numbers on average: "
        f"from {low[0]:+.2f} ({low[1]}) to {high[0]:+.2f} ({high[1]})."
    ) in readme.results(prepared.runs)


def test_only_the_results_of_a_readme_are_renewed(store: Store) -> None:
    save(store, made())
    publication.prepare(store).write()
    path = store.published.folder / "README.md"
    path.write_text("My own words.\n" + path.read_text() + "And more.\n")
    before = path.read_text()
    save(store, made(batch_size=512))
    publication.prepare(store).write()
    after = path.read_text()
    assert after != before
    assert (after.partition(readme.BEGIN)[0], after.partition(readme.END)[2]) == (
        before.partition(readme.BEGIN)[0],
        before.partition(readme.END)[2],
    )
    assert row_of(after, "B=512, mu=1e-4")[6] == "1"


def test_a_readme_without_a_place_for_results_is_left_alone(store: Store) -> None:
    save(store, made())
    store.published.folder.mkdir()
    (store.published.folder / "README.md").write_text("My own words.\n")
    with pytest.raises(UserError, match=r"README\.md of the published runs lacks the line"):
        publication.prepare(store).write()
    assert sorted(contents(store)) == ["README.md"]


OLD = settings.ROOT / "tests" / "old" / "published"


def test_another_folder_of_published_runs_is_validated_and_merged(store: Store) -> None:
    save(store, made(seed=3))
    publication.prepare(store).write()
    elsewhere = Store(store.published.folder, store.local.folder.parent / "taken")
    assert publication.taken(OLD, elsewhere.local) == 2
    publication.prepare(elsewhere).write()
    runs = published(store)
    assert len(runs) == 3
    assert all(runs["key"] == [table.spec_of(row).key(table.fingerprints_of(row)) for row in table.rows(runs)])
    assert store.epochs(runs)["effective_time"].notna().all()


@pytest.mark.parametrize(("column", "value"), [("val_correct", 410), ("updates", 7), ("learning_rate", 0.5)])
def test_a_folder_with_a_run_that_cannot_be_is_refused_by_name_and_nothing_is_kept(
    store: Store, tmp_path: Path, column: str, value: float
) -> None:
    wrong = shutil.copytree(OLD, tmp_path / "wrong")
    epochs = pd.read_parquet(wrong / "epochs.parquet")
    epochs.loc[epochs["epoch"] == 5, column] = value
    epochs.to_parquet(wrong / "epochs.parquet", index=False)
    with pytest.raises(UserError, match=rf"Run [0-9a-f]{{8}} of {wrong}, epoch 5: {column}"):
        publication.taken(wrong, store.local)
    assert store.local.rows() == []


def test_a_folder_without_runs_is_a_sentence(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no published runs"):
        publication.taken(tmp_path / "nothing", store.local)


def test_what_was_measured_with_uncommitted_changes_does_not_go_out(store: Store) -> None:
    save(store, made())
    publication.prepare(store).write()
    dirty = made(commit="b" * 40 + "+changes", date=LATER)
    dirty.measurements[0]["value"] = 99.0
    save(store, dirty)
    for allowed in (False, True):
        publication.prepare(store, allow_changes=allowed).write()
        assert (99.0 in set(store.published.frame("measurements")["value"])) is allowed


def test_measurements_of_a_later_gauge_are_added_to_those_that_are_published(store: Store) -> None:
    save(store, made())
    publication.prepare(store).write()
    later = made(date=LATER)
    later.measurements[:] = [{"probe": "curvature", "epoch": 0, "name": "largest_eigenvalue", "value": 12.8}]
    save(store, later)
    publication.prepare(store).write()
    assert set(store.published.frame("measurements")["probe"]) == {"noise", "curvature"}


def test_arms_of_claims_are_published_beside_the_papers_runs_and_counted(store: Store) -> None:
    arm = CLAIMS["3"].arms["B=16, equal T"].spec
    save(store, made(), made(**arm.model_dump()), made(batch_size=17))
    prepared = publication.prepare(store)
    prepared.write()
    assert sorted(prepared.runs["updates"].isna()) == [False, True]
    assert "1 runs are arms of the claims" in (store.published.text("README.md") or "")


def test_what_was_measured_along_other_records_of_the_key_goes_with_them(store: Store) -> None:
    save(store, made(seed=0), made(seed=1))
    publication.prepare(store).write()
    here = Store(store.published.folder, store.local.folder.with_name("elsewhere"))
    again, other = made(seed=0, date=LATER), made(seed=1, date=LATER, device="cuda: other")
    records = [replace(record, val_correct=1) for record in other.records]
    for run, kept in ((again, again.records), (other, records)):
        save(here, replace(run, records=kept, measurements=[{**run.measurements[0], "probe": "trace"}]))
    prepared = publication.prepare(here)
    assert prepared.remade == {other.key}
    prepared.write()
    rows = here.published.frame("measurements")
    assert set(rows[rows["key"] == again.key]["probe"]) == {"noise", "trace"}
    assert set(rows[rows["key"] == other.key]["probe"]) == {"trace"}
