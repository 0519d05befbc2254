"""What the Train page says of runs under way and beside others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from sgd_core.charts.axes import AXES
from sgd_core.evidence.paired import Paired
from sgd_core.evidence.sentences import train
from sgd_core.evidence.under_way import Standing
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.queue.engine import ALREADY_KEPT
from sgd_core.runs.queue.jobs import Job, Place

ACCURACY, LOSS = "reported_accuracy", "train_loss"
EPOCH, TIME = AXES["epoch"], AXES["time"]


def epochs(*values: float | None, start: int = 0, step: float = 0.1) -> pd.DataFrame:
    """Epochs with these values as accuracy and as loss; T grows by `step` an epoch."""
    rows = [(start + k, step * (start + k + 1), value, value) for k, value in enumerate(values)]
    table = pd.DataFrame(rows, columns=["epoch", "training_time", ACCURACY, LOSS])
    return table.astype({ACCURACY: "Float64", LOSS: "Float64"})


HALF = epochs(0.1, 0.5)
OTHER = ("B=512", epochs(0.1, 0.2, 0.9))


def test_a_run_that_waits_for_no_process_is_not_said_to_wait_for_one() -> None:
    assert train.progress(job("queued"), 4, 0, None, ready=True) == "it begins now."
    assert train.progress(job("queued"), 4, 1, None, ready=True) == "waiting, 1 run is before it."
    assert train.progress(job("queued"), 4, 1, None, ready=False) == "waiting, 1 run is before it."


def test_what_is_made_before_a_run_begins_is_said() -> None:
    preparing = (640, 1400)
    assert train.progress(job("queued"), 4, 0, None, True, preparing) == "preparing images (once): 640 of 1,400."
    assert train.progress(job("queued"), 4, 0, None, True, (0, 0)) == "it begins now."
    assert train.progress(job("queued"), 4, 0, None, False, preparing) == "the training process is starting."
    assert train.progress(job("queued"), 4, 2, None, True, preparing) == "waiting, 2 runs are before it."


@pytest.mark.parametrize(
    ("own", "other", "column", "said"),
    [
        (HALF.iloc[:0], OTHER, ACCURACY, ""),  # nothing finished
        (epochs(None), OTHER, ACCURACY, ""),
        (HALF, None, ACCURACY, "At epoch 1 B=16 is at 50.0%."),
        (HALF, None, LOSS, "At epoch 1 B=16 is at 0.500."),
        (HALF, OTHER, ACCURACY, "At epoch 1 B=16 is at 50.0%; B=512 was at 20.0% there."),
        (HALF, OTHER, LOSS, "At epoch 1 B=16 is at 0.500; B=512 was at 0.200 there."),
        # The last loss that was a number stands, of a run that diverged; a gap in the other is read across.
        (epochs(0.1, 0.4, None), OTHER, LOSS, "At epoch 1 B=16 is at 0.400; B=512 was at 0.200 there."),
        (HALF, ("B=512", epochs(0.1, None, 0.3)), LOSS, "At epoch 1 B=16 is at 0.500; B=512 was at 0.200 there."),
        (HALF, ("B=512", epochs(None, None)), LOSS, "At epoch 1 B=16 is at 0.500."),
        (HALF, ("B=512", HALF.iloc[:0]), LOSS, "At epoch 1 B=16 is at 0.500."),
        (epochs(0.1, 0.2, 0.3), ("B=512", HALF), ACCURACY, "At epoch 2 B=16 is at 30.0%; B=512 ended at epoch 1."),
        (HALF, ("B=512", epochs(0.1, 0.2, start=4)), ACCURACY,
         "At epoch 1 B=16 is at 50.0%; B=512 begins at epoch 4."),
    ],
)  # fmt: skip
def test_one_run_beside_another(
    own: pd.DataFrame, other: tuple[str, pd.DataFrame] | None, column: str, said: str
) -> None:
    assert train.takeaway(("B=16", own), other, column, EPOCH) == said


def test_it_is_read_between_epochs_along_training_time() -> None:
    slow = ("B=512", epochs(0.0, 0.4, step=0.15))  # at T = 0.2 a third of the way from 0.15 to 0.3
    assert train.takeaway(("B=16", HALF), slow, ACCURACY, TIME) == (
        "At T = 0.2 B=16 is at 50.0%; B=512 was at 13.3% there."
    )


def test_seeds_are_a_mean_with_its_interval() -> None:
    mean = epochs(0.4, 0.5).assign(low=0.45, high=0.55)
    assert train.seeds("B=16", mean, 3, ACCURACY, EPOCH) == (
        "At epoch 1 the mean of 3 seeds of B=16 is at 50.0%, 95% interval 45.0% to 55.0%."
    )
    assert train.seeds("B=16", mean.iloc[:0], 0, ACCURACY, EPOCH) == ""


def standing(*values: float, paired: Paired | None = None, images: float = 600, step: float = 0.0) -> Standing:
    return Standing(0.2, {f"B={16 * 4**i}": value for i, value in enumerate(values)}, paired, images, step)


@pytest.mark.parametrize(
    ("found", "loss", "said"),
    [
        (standing(0.8, 0.9), False,
         "B=64 is at 90.0%, B=16 is at 80.0%: 10.0 points apart, with one seed each: more seeds say how much of it is "
         "chance."),
        (standing(0.9, 0.8), True, "B=64 is at 0.800, B=16 is at 0.900: 0.100 apart, with one seed each"),
        # 3 points of 600 images: 1.96 standard errors are 3.6.
        (standing(0.88, 0.91), False, "too close to rank: the images alone may explain it."),
        (standing(0.88, 0.91, images=6000), False, "3.0 points apart, with one"),
        (standing(0.905, 0.91, images=60000), False, "too close to rank"),  # less than a point is never ranked
        (standing(0.80, 0.85), True, "too close to rank"),  # less than a tenth
        (standing(0.8, 0.9, step=0.12), False,
         "not ranked, as from one point to the next a curve alone changes by 12.0 points."),
        (standing(0.8, 0.9, paired=Paired.of([-0.1, -0.11, -0.09])), False,
         "10.0 points apart (over 3 seeds in both, 95% interval 7.5 points to 12.5 points)."),
        (standing(0.8, 0.9, paired=Paired.of([-0.1, 0.1, -0.09])), False,
         "a difference that chance may explain (over 3 seeds in both, 95% interval with zero in it)."),
        (standing(0.8, 0.9, paired=Paired.of([-0.1])), False, "10.0 points apart, with one"),
        (standing(0.9, 0.8, 0.7), False,
         "B=16 is at 90.0%, B=64 is at 80.0%, B=256 is at 70.0%: first and last are 20.0 points apart. They were "
         "picked after looking, and nothing is tested."),
        (standing(0.9, 0.8, 0.7, 0.6, 0.5), False, "B=16 is at 90.0%, B=4096 is at 50.0% and 3 are between: first and"),
    ],
)  # fmt: skip
def test_settings_are_compared_at_equal_progress_and_chance_is_not_ranked(
    found: Standing, loss: bool, said: str
) -> None:
    told = train.compared(found, TIME, loss)
    assert told.startswith("At equal training time (T = 0.2) B=")
    assert said in told
    assert train.compared(found, EPOCH, loss).startswith("At equal epochs (epoch 0) ")


@pytest.mark.parametrize(
    ("titles", "labels"),
    [
        (["B=16, μ=1e-4, 30 epochs", "B=64, μ=1e-4, 30 epochs"], ["B=16", "B=64"]),
        (["B=16, μ=1e-4"], ["B=16, μ=1e-4"]),
        (["B=16, μ=1e-4", "B=16, μ=1e-4"], ["B=16, μ=1e-4", "B=16, μ=1e-4"]),
        (["B=16", "B=16, 30 epochs"], ["B=16", "30 epochs"]),
        (["B=16, μ=1", "B=16, μ=2", "B=4, μ=2"], ["B=16, μ=1", "B=16, μ=2", "B=4, μ=2"]),
    ],
)
def test_labels_say_what_differs(titles: list[str], labels: list[str]) -> None:
    assert train.told_apart(titles) == labels


@pytest.mark.parametrize(
    ("published", "chosen", "settings", "seeds", "said"),
    [
        (True, False, 1, False,
         "Thick: yours. Thin and dashed: the published runs that are nearest to these settings."),
        (False, True, 0, False, "Thin and dashed: the runs of this machine that you have chosen."),
        (None, False, 2, False, "Thick: yours, a colour for each setting."),
        (None, False, 1, True, "In colour: yours. Thin: a seed each, told apart by dashes; thick: the mean of those "
         "that have ended, with its 95% band."),
        (None, False, 0, False, ""),
    ],
)  # fmt: skip
def test_what_is_drawn(published: bool | None, chosen: bool, settings: int, seeds: bool, said: str) -> None:
    assert train.beside(published, chosen, settings, seeds) == said


def test_the_chart_in_words() -> None:
    assert train.described("Train loss", EPOCH, ["a", "b"], ["c"]) == "Train loss along epochs of a, b, over c."
    assert train.described("Train loss", TIME, [], []) == "Train loss along training time of no run of yours."


@pytest.mark.parametrize(
    ("wanted", "there", "waiting", "said"),
    [
        (1, 0, 0, ""),
        (3, 0, 1, ""),
        (1, 0, 1, "This run is under way."),
        (3, 1, 2, "All of them are under way or there already."),
        (3, 3, 0, "All of them are there already; the Runs page lays them over each other."),
        (3, 1, 0, "1 of them is there already and will be shown at once."),
        (3, 2, 0, "2 of them are there already and will be shown at once."),
    ],
)
def test_what_there_is_before_start(wanted: int, there: int, waiting: int, said: str) -> None:
    assert train.before_start(wanted, there, waiting) == said


def test_missing_images_turn_start_off() -> None:
    assert train.no_images("a-b").startswith(r"Start is off: the images of a\-b are not here.")


def record(epoch: int) -> EpochRecord:
    nothing: dict[str, Any] = dict.fromkeys(EpochRecord.__dataclass_fields__)
    return EpochRecord(**{**nothing, "epoch": epoch, "seconds": 1.0})


def job(state: Any = "running", done: int = 0, **more: Any) -> Job:
    records = [record(k) for k in range(-1, done)] if done else []
    return Job("k" * 64, RunSpec(epochs=4, views=33), "ann", "now", state, records=records, **more)


NODE = Place("3", "tls://10.0.0.7:4000", "node07")


@pytest.mark.parametrize(
    ("workers", "training", "said"),
    [
        (0, 0, "The cluster has no worker now; what waits begins when one comes."),
        (1, 0, "The cluster has 1 worker; it does not train for this server now."),
        (1, 1, "The cluster has 1 worker; it trains for this server now."),
        (3, 0, "The cluster has 3 workers; none of them trains for this server now."),
        (3, 1, "The cluster has 3 workers; 1 of them trains for this server now."),
        (3, 2, "The cluster has 3 workers; 2 of them train for this server now."),
        (3, 3, "The cluster has 3 workers; all of them train for this server now."),
    ],
)
def test_who_trains_in_a_cluster(workers: int, training: int, said: str) -> None:
    assert train.crew(workers, training) == said


def test_a_cluster_is_not_said_to_train_one_run_at_a_time() -> None:
    assert "One run is trained at a time" in train.what_happens(cluster=False)
    assert "One run is trained at a time" not in train.what_happens(cluster=True)
    assert "one run each at a time" in train.what_happens(cluster=True)


@pytest.mark.parametrize(
    ("job", "before", "left", "said"),
    [
        (job("queued"), 0, None, "the training process is starting."),
        (job("queued"), 1, None, "waiting, 1 run is before it."),
        (job("queued"), 3, 50.0, "waiting, 3 runs are before it."),
        (job(), 0, None, "0 of 4 epochs done."),
        (job(done=2), 0, 100.0, "2 of 4 epochs done, about 2 min left."),
        (job(done=2, device="cuda: a GPU"), 0, 8.0, "2 of 4 epochs done, about 8 s left; on cuda: a GPU."),
        (job(done=2, cancelling=True), 0, 8.0, "stopping; its curve is kept (2 of 4 epochs)."),
        (job(cancelling=True), 0, 8.0, "stopping before its first epoch has ended; nothing of it is kept."),
        (
            job(features=(1280, 2967)), 0, None,
            "0 of 4 epochs done; preparing images (once): 1,280 of 2,967.",
        ),
        (job(done=2, device="cpu: a CPU", place=NODE), 0, 8.0,
         "2 of 4 epochs done, about 8 s left; on cpu: a CPU, worker 3 of node07."),
        (job(done=2, device="cuda: a GPU", place=replace(NODE, gpu="5")), 0, 8.0,
         "2 of 4 epochs done, about 8 s left; on cuda: a GPU (GPU 5), worker 3 of node07."),
        (job(device="cpu: a CPU", place=replace(NODE, gpu="5")), 0, None,
         "0 of 4 epochs done; on cpu: a CPU, worker 3 of node07."),
        (job(features=(64, 2967), place=replace(NODE, gpu="5")), 0, None,
         "0 of 4 epochs done; preparing images (once): 64 of 2,967; worker 3 of node07."),
        (job(done=2, device="cpu: a CPU", place=replace(NODE, gone=True)), 0, 8.0,
         "2 of 4 epochs done; worker 3 of node07 is gone, and it waits for another."),
    ],
)  # fmt: skip
def test_where_a_job_stands(job: Job, before: int, left: float | None, said: str) -> None:
    assert train.progress(job, 4, before, left, ready=False) == said


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (job("done", 4), "**B=16** is trained."),
        (job("done", message=ALREADY_KEPT), "**B=16** was trained before."),
        (job("diverged", 1),
         "B=16 diverged after 1 epoch: its loss is no number any more. A smaller μ₀ or m would help."),
        (job("diverged"), "B=16 diverged: its loss is no number any more. A smaller μ₀ or m would help."),
        (job("failed to learn", 4),
         "B=16 failed to learn after 4 epochs: it ends at chance, or with a loss that has exploded."),
        (job("cancelled"), "B=16 was cancelled before its first epoch has ended; nothing of it is kept."),
        (job("cancelled", 2), "B=16 was cancelled after 2 epochs. Its curve so far is kept."),
        (job("interrupted", 2, message="The app stopped."), r"B=16 was interrupted after 2 epochs. The app stopped\."),
        (job("failed", message="No *room*."), r"B=16 failed. No \*room\*\."),
    ],
)  # fmt: skip
def test_how_a_job_has_ended(job: Job, said: str) -> None:
    assert train.ended("B=16", job) == said


def test_how_many_of_several_have_ended() -> None:
    assert train.ended_of(0, 1) == train.ended_of(1, 1) == ""
    assert train.ended_of(1, 3) == "1 of 3 runs have ended."
    assert train.ended_of(3, 3) == "All 3 runs have ended."


@pytest.mark.parametrize(
    ("wanted", "seconds", "said"),
    [
        (0, None, "Choose a value of each."),
        (1, 30.0, "1 run, about 30 s in all, features made."),
        (12, 840.0, "12 runs, about 14 min in all, features made."),
        (12, None, "12 runs; how long they take is not known here before the first has ended."),
        (13, 840.0, "These are 13 runs, and at most 12 may be asked for in one go: leave some values out."),
    ],
)
def test_what_several_runs_cost(wanted: int, seconds: float | None, said: str) -> None:
    assert train.several(wanted, 12, seconds) == said
