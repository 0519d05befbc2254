"""The Train page in every state of a run, on a cluster that does only what a test says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.charts.axes import AXES
from sgd_core.evidence.sentences.words import plain
from sgd_core.evidence.stability import NAME, PROBE
from sgd_core.experiment import duels
from sgd_core.experiment.schedules import plan
from sgd_core.runs.kept import table
from sgd_core.runs.kept.published import PublishedRuns
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue import engine as engines
from sgd_core.runs.queue.engine import Engine
from sgd_core.runs.queue.jobs import Job
from sgd_core.ui.shell import kept
from sgd_core.ui.train import visitor
from tests.app.conftest import PATIENCE, charts, labels, opened, pressed, said
from tests.conftest import pages_of
from tests.runs.fake_cluster import FakeCluster, FakeFuture
from tests.runs.made import made
from tests.runs.test_engine import GLIMPSE, IMAGES, record, result
from tests.waiting import wait

PAGE = "pages/Train.py"
TINY = {"data": "shapes", "epochs": "2", "B": "16", "mu": "1e-4", "features": "random", "views": "2"}


@pytest.fixture
def cluster(pages: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCluster]:
    made = FakeCluster()
    monkeypatch.setenv("SGD_DATA_DIR", str(tmp_path / "no vegetables"))
    engine = Engine(connect=lambda: made)
    monkeypatch.setattr(engines, "_engine", engine)
    monkeypatch.setattr(visitor, "name", lambda: "somebody")  # AppTest has no cookies
    yield made
    engine.close()


def link(app: AppTest) -> list[str]:
    value = app.query_params["job"]
    return value if isinstance(value, list) else [value]


def progress(app: AppTest) -> str:
    return " ".join(element.proto.text for element in app.get("progress"))


def started(cluster: FakeCluster, **query: str) -> tuple[AppTest, FakeFuture]:
    """The page after Start, and the task that the worker was given."""
    app = pressed(opened(PAGE, **{**TINY, **query}), "Start")
    wait(lambda: cluster.client.tasks)
    return app, cluster.client.tasks[-1]


def running(cluster: FakeCluster, task: FakeFuture, epochs: int = 1) -> None:
    cluster.client.say(task, "started", device="cuda: a GPU", run_key="", images=IMAGES, message="")
    for k in range(-1, epochs):
        cluster.client.say(task, "epoch", record=record(k))


def the_job(app: AppTest) -> Job:
    (key,) = link(app)
    (job,) = [job for job in engines.engine().jobs() if job.key.startswith(key)]
    return job


def test_without_the_vegetables_it_starts_on_the_shapes(cluster: FakeCluster) -> None:
    app = opened(PAGE)
    assert not app.exception
    assert "Start" in labels(app)
    text = said(app)
    assert "expected time: **unknown**" in text
    assert "updates" in text
    assert "T = " in text
    assert len(charts(app)) == 1  # axes alone: the schedule is constant, and there is no run on shapes yet
    assert charts(opened(PAGE, data="shapes", schedule="cosine"))[-1].alt.startswith("Learning rate, batch size")


def test_only_what_matters_for_the_schedule_can_be_moved(cluster: FakeCluster) -> None:
    for query, open_to_change in (
        ({"schedule": "constant"}, set()),
        ({"schedule": "time"}, set()),
        ({"schedule": "step"}, {"s", "Ndec"}),
        ({"schedule": "exponential"}, {"r"}),
        ({"schedule": "constant", "sB": "2"}, {"Ndec"}),
    ):
        app = opened(PAGE, **query)
        assert {key for key in ("s", "r", "Ndec") if not app.slider(key=key).disabled} == open_to_change


def test_a_published_run_is_shown_at_once_and_another_seed_is_offered(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = {"data": "vegetables", "B": "512", "mu": "1e-4", "epochs": "150"}
    app = opened(PAGE, **query)
    assert not app.exception
    assert "This run is there already" in said(app)
    assert "B=512, μ=1e-4, seed 0" in charts(app)[-1].alt
    monkeypatch.setattr("sgd_core.images.sets.at_hand", lambda name: True)
    app = pressed(opened(PAGE, **query), "Train seed 2")
    job = the_job(app)
    assert (job.spec.seed, job.spec.batch_size) == (2, 512)  # 0 and 1 are published
    assert app.number_input(key="seed").value == 2


def test_start_is_off_where_the_images_are_missing(cluster: FakeCluster) -> None:
    app = opened(PAGE, data="vegetables", B="32")
    assert app.button(key="start").disabled
    assert "Start is off: the images of vegetables are not here." in said(app)
    assert not opened(PAGE, data="shapes").button(key="start").disabled


@pytest.mark.parametrize("axis", [axis.short for axis in AXES.values()])
def test_a_run_is_drawn_along_every_axis(cluster: FakeCluster, axis: str) -> None:
    app = opened(PAGE, data="vegetables", B="512", mu="1e-4", epochs="150", x=axis)
    assert not app.exception
    assert "B=512, μ=1e-4, seed 0" in charts(app)[-1].alt


def test_a_run_of_this_machine_is_shown_at_once(cluster: FakeCluster) -> None:
    run = made(dataset="shapes", features="random", epochs=2, views=2)
    Store().save(run)
    app = opened(PAGE, **TINY)
    assert "(this machine, seed 0)" in said(app)
    assert "expected time: **unknown**" not in said(app)
    assert "Train seed 1" in labels(app)


def test_a_published_run_sets_every_control(cluster: FakeCluster) -> None:
    app = pressed(opened(PAGE), plain("s=0.75, s_B=2"))
    assert app.slider(key="sB").value == 2.0
    assert app.slider(key="s").value == 0.75
    assert app.slider(key="epochs").value == 120
    assert "This run is there already" in said(app)


def test_what_diverged_before_is_a_warning(cluster: FakeCluster) -> None:
    shapes: dict[str, Any] = {"dataset": "shapes", "features": "random"}
    Store().save(made("diverged", epochs=20, learning_rate=0.5, batch_size=64, **shapes))
    calm = opened(PAGE, data="shapes", B="64", mu="0.1")
    assert not calm.warning
    app = opened(PAGE, data="shapes", B="64", mu="1")
    assert "likely to diverge" in app.warning[0].value
    assert "this machine" in app.warning[0].value
    assert not opened(PAGE, data="shapes", B="512", mu="0.5").warning  # less noise than what diverged


def test_a_rate_beyond_the_measured_edge_is_a_warning(
    cluster: FakeCluster, invented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = Store().published
    tables = {name: published.frame(name) for name in table.COLUMNS}
    of = tables["runs"]["key"].iloc[0]
    rows = [{"key": of, "probe": PROBE, "epoch": -1, "name": NAME, "value": 38.0}]
    PublishedRuns(tmp_path / "measured").write({**tables, "measurements": table.frame("measurements", rows)}, {}, "")
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(tmp_path / "measured"))
    assert not opened(PAGE, data="vegetables", B="1024", mu="0.05").warning
    (warning,) = opened(PAGE, data="vegetables", B="1024", mu="0.5").warning
    assert "h = 38" in warning.value
    assert "2(1 + m)/h = 0.1;" in warning.value


def test_queued_running_done(cluster: FakeCluster) -> None:
    app, task = started(cluster)
    assert "the training process is starting" in progress(app) or "it begins now" in progress(app)
    assert "Cancel" in labels(app)

    key = link(app)
    running(cluster, task, 0)
    cluster.client.say(task, "glimpse", glimpse=GLIMPSE)
    assert not opened(PAGE, job=key).exception
    cluster.client.say(task, "epoch", record=record(0))
    app = opened(PAGE, job=key)  # another browser, with the link's job and other controls
    assert "1 of 2 epochs done" in progress(app)
    assert "a GPU" in progress(app)
    assert "left" in progress(app)
    assert "At epoch 0 " in said(app).replace("\\", "")

    task.end(result(task, run_key=the_job(app).key))
    app = opened(PAGE, **TINY, job=key)
    assert "is trained" in said(app)
    assert "This run is there already" in said(app)
    assert "Cancel" not in labels(app)


def test_nothing_is_started_twice(cluster: FakeCluster) -> None:
    app, _ = started(cluster)
    assert app.button(key="start").disabled
    assert "This run is under way" in said(app)
    seeds = {**TINY, "several": "seeds", "count": "2"}
    assert not opened(PAGE, **seeds).button(key="start").disabled
    Store().save(made(dataset="shapes", features="random", epochs=2, views=2, seed=1))
    app = opened(PAGE, **seeds)
    assert app.button(key="start").disabled
    assert "All of them are under way or there already" in said(app)


def test_an_imported_run_says_so(cluster: FakeCluster) -> None:
    run = made(dataset="shapes", features="random", epochs=3, views=2)
    Store().imported.save(run)
    app = opened(PAGE, **TINY, job=run.key[: kept.SHORT])
    assert "seed 0 (imported)" in charts(app)[-1].alt


def test_features_under_way_are_said(cluster: FakeCluster) -> None:
    app, task = started(cluster)
    cluster.client.say(task, "features", done=128, total=600)
    app = opened(PAGE, **TINY, job=link(app))
    assert "preparing images (once): 128 of 600" in progress(app).replace("\\", "")


def test_cancelled_while_it_trains_and_trained_again(cluster: FakeCluster) -> None:
    app, task = started(cluster)
    running(cluster, task)
    app = opened(PAGE, **TINY, job=link(app))
    job = the_job(app)
    engines.engine()._jobs[job.key].cancelling = True  # the real stop goes through Dask: tests/runs
    app = opened(PAGE, **TINY, job=link(app))
    assert "stopping" in progress(app)
    task.end(result(task, "cancelled", epochs=1, run_key=job.key))
    app = opened(PAGE, **TINY, job=link(app))
    assert "was cancelled after 1 epoch." in said(app)
    assert "Its curve so far is kept" in said(app)
    pressed(app, "Train it again")
    wait(lambda: len(cluster.client.tasks) == 2)


def test_cancelled_while_it_waits(cluster: FakeCluster) -> None:
    app = pressed(opened(PAGE, **TINY), "Start")
    job = the_job(app)
    engines.engine()._end(engines.engine()._jobs[job.key], "cancelled")
    app = opened(PAGE, **TINY, job=link(app))
    assert "was cancelled" in said(app)
    app = pressed(app, "Remove from the list")
    assert engines.engine().jobs() == []


def test_cancelled_before_its_first_epoch_is_no_run(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_PUBLISHED_DIR", "nothing")
    app, task = started(cluster)
    task.end(result(task, "cancelled", epochs=0, run_key=the_job(app).key))
    assert Store().runs().empty
    Store().save(made("cancelled", dataset="shapes", features="random", epochs=2, views=2))
    for query in (TINY, {**TINY, "B": "64"}):
        app = opened(PAGE, **query)
        assert not app.exception
        assert "No run on these images is finished yet" in said(app)


def test_failed_says_why_and_can_be_resumed(cluster: FakeCluster) -> None:
    app, task = started(cluster)
    task.end({**result(task, "failed", epochs=0), "message": "The disk is full: make room."})
    app = opened(PAGE, **TINY, job=link(app))
    assert "The disk is full" in said(app)
    pressed(app, "Resume")
    wait(lambda: len(cluster.client.tasks) == 2)


def test_diverged_says_so(cluster: FakeCluster) -> None:
    app, task = started(cluster)
    task.end(result(task, "diverged", epochs=1, run_key=the_job(app).key))
    app = opened(PAGE, **TINY, job=link(app))
    assert "diverged" in said(app)


def test_interrupted_is_listed_for_everybody_and_can_be_resumed(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed(opened(PAGE, **TINY), "Start")
    engines.engine().close()
    again = Engine(connect=FakeCluster)
    monkeypatch.setattr(engines, "_engine", again)
    app = opened(PAGE)  # without the link
    assert "interrupted" in said(app)
    pressed(app, "Resume")
    assert [job.state for job in again.jobs()] == ["queued"]
    again.close()


def test_several_seeds_are_queued_in_one_go_and_drawn_together(cluster: FakeCluster) -> None:
    app = pressed(opened(PAGE, **TINY, several="seeds", count="3"), "Start 3 runs")
    assert [job.spec.seed for job in engines.engine().jobs()] == [0, 1, 2]
    assert len(link(app)) == 3
    assert "0 of 3 runs have ended" in progress(app)
    assert "Cancel 3 runs" in labels(app)
    assert "2 runs are before it" in said(app)
    assert charts(app)[-1].alt.count("seed") == 3
    for number, end in enumerate((1.0, 0.5)):
        task = wait(lambda n=number: cluster.client.tasks[n:])[0]  # type: ignore[misc]
        running(cluster, task, 2)
        ended = result(task, run_key=f"{task.settings['seed']}" * 64)
        ended["records"][-1]["reported_correct"] = 600 * end
        task.end(ended)
    app = opened(PAGE, **TINY, several="seeds", count="3", job=link(app))
    assert "At epoch 1 the mean of 2 seeds of" in said(app)
    assert "is at 75.0%" in said(app).replace("\\", "")


def test_it_says_which_worker_of_a_cluster_trains_which_run(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LOOK_SECONDS", 0.02)
    monkeypatch.setenv("SGD_SCHEDULER", "tcp://somewhere:8786")
    cluster.client.workers = 2
    app = pressed(opened(PAGE, **TINY, several="seeds", count="3"), "Start 3 runs")
    wait(lambda: len(cluster.client.tasks) == 2)
    for number, task in enumerate(cluster.client.tasks):
        place = {"worker": f"w{number}", "address": f"tcp://worker:{number}", "machine": "node07", "gpu": str(number)}
        cluster.client.say(task, "taken", place=place)
        running(cluster, task, 1)
    app = opened(PAGE, **TINY, several="seeds", count="3", job=link(app))
    for number in range(2):
        assert f"on cuda: a GPU (GPU {number}), worker w{number} of node07." in said(app).replace("\\", "")
    assert "2 runs are before it" in said(app)
    assert "The cluster has 2 workers; all of them train for this server now." in said(app)
    assert "The workers of a cluster train" in said(app)
    cluster.client.workers = 1
    wait(lambda: engines.engine().workers == 1)
    app = opened(PAGE, **TINY, several="seeds", count="3", job=link(app))
    assert "worker w1 of node07 is gone, and it waits for another." in said(app).replace("\\", "")


@pytest.mark.parametrize(
    ("what", "field", "chosen", "expected", "more"),
    [
        ("B", "batch_size", ["16", "64"], [16, 64], {}),
        ("μ₀", "learning_rate", ["1e-4", "0.01"], [1e-4, 0.01], {}),
        ("s", "step_decay", ["0.5", "0.75"], [0.5, 0.75], {"schedule": "step"}),
        ("m", "momentum", ["0", "0.9"], [0.0, 0.9], {}),
    ],
)
def test_several_values_of_one_control(
    cluster: FakeCluster, what: str, field: str, chosen: list[str], expected: list[float], more: dict[str, str]
) -> None:
    query: dict[str, Any] = {**TINY, **more, "several": what, f"values_{field}": chosen}
    pressed(opened(PAGE, **query), "Start 2 runs")
    assert [getattr(job.spec, field) for job in engines.engine().jobs()] == expected


GRID = {"several": "B and μ₀", "values_batch_size": ["16", "64"], "values_learning_rate": ["1e-4", "1e-3", "0.01"]}


@pytest.mark.parametrize(
    ("stop", "ends"),
    [
        ("epochs", {(16, 76), (64, 20)}),
        ("updates", {(16, 76), (64, 76)}),
    ],
)
def test_a_grid_is_one_press_and_all_its_runs_stop_alike(cluster: FakeCluster, stop: str, ends: set[Any]) -> None:
    query: dict[str, Any] = {**TINY, **GRID, "values_learning_rate": ["1e-4", "0.01"], "each": "2", "stop": stop}
    app = opened(PAGE, **query)
    assert "8 runs; how long they take is not known here before the first has ended." in said(app)
    pressed(app, "Start 8 runs")
    specs = [job.spec for job in engines.engine().jobs()]
    assert {(spec.batch_size, spec.learning_rate, spec.seed) for spec in specs} == {
        (batch, rate, seed) for batch in (16, 64) for rate in (1e-4, 0.01) for seed in (0, 1)
    }
    assert {(spec.batch_size, plan(spec, 600)[-1].updates) for spec in specs} == ends
    drawn = opened(PAGE, **query, job=[job.key[: kept.SHORT] for job in engines.engine().jobs()])
    (link,) = [each for each in drawn.get("page_link") if "as a map" in each.proto.label]
    asked = parse_qs(link.proto.query_string)
    assert asked["draw"] == ["Map of B and μ"]
    assert {"B=16..64", "mu=0.0001..0.01", "seed=0..1"} <= {*asked["find"][0].split()}


@pytest.mark.parametrize(
    ("more", "says", "label"),
    [
        ({"each": "4"}, "These are 16 runs, and at most 12 may be asked for in one go", "Start"),
        ({"stop": "training time T", "schedule": "step"}, "training-time needs a constant learning rate", "Start"),
    ],
)
def test_a_grid_that_cannot_be_is_said_and_cannot_be_started(
    cluster: FakeCluster, more: dict[str, str], says: str, label: str
) -> None:
    query: dict[str, Any] = {**TINY, **GRID, "values_learning_rate": ["1e-4", "0.01"], **more}
    app = opened(PAGE, **query)
    assert says in said(app)
    assert next(each for each in app.button if each.label == label).disabled


def test_a_duel_is_one_press(cluster: FakeCluster) -> None:
    app = opened(PAGE, **TINY)
    assert "Ask the class" not in said(app)
    app.button(key="duel 0").click().run(timeout=PATIENCE)
    assert not app.exception
    assert [job.spec for job in engines.engine().jobs()] == list(duels.DUELS[0].runs)
    assert "Ask the class:** Both take 150 steps" in said(app)
    assert app.session_state["x"] == "Updates"
    assert app.slider(key="epochs").value == 4  # 150 updates of 38 an epoch
    assert charts(app)[-1].alt.startswith("Training accuracy on random crops along updates of")
    assert "150 updates" in progress(app)


def test_a_full_queue_is_a_sentence(cluster: FakeCluster) -> None:
    pressed(opened(PAGE, **TINY, several="seeds", count="12"), "Start 12 runs")
    app = pressed(opened(PAGE, **TINY, seed="50"), "Start")
    assert "one visitor may have" in said(app)
    assert len(engines.engine().jobs()) == 12


def test_a_link_to_a_run_that_is_not_there_says_so(cluster: FakeCluster) -> None:
    app = opened(PAGE, **TINY, job="f" * kept.SHORT)
    assert not app.exception
    assert "neither under way nor kept" in said(app)


def test_a_link_to_a_run_of_an_earlier_server_finds_it_in_the_store(cluster: FakeCluster) -> None:
    run = made(dataset="shapes", features="random", epochs=3, views=2)
    Store().save(run)
    app = opened(PAGE, **TINY, job=run.key[: kept.SHORT])
    assert "3 epochs, seed 0" in charts(app)[-1].alt


def test_a_hostile_link_changes_nothing(cluster: FakeCluster) -> None:
    app = opened(
        PAGE, B="../../etc", mu="__import__('os')", epochs="-5", job=["../jobs/x", "<script>"], views="999", beside="x"
    )
    assert not app.exception
    assert engines.engine().jobs() == []


@pytest.mark.parametrize("published", [True, False])
def test_explore_shows_the_nearest_run_and_no_start(invented: Path, tmp_path: Path, published: bool) -> None:
    batch = "64" if published else "2"
    with pages_of(invented, tmp_path / "cache", mode="explore"):
        app = opened(PAGE, data="vegetables", B=batch, mu="1e-4", epochs="150")
    assert not app.exception
    assert "SGD_MODE=explore" in said(app)
    assert "Nearest published" in said(app)
    assert ("This run is there already" in said(app)) is published
    assert "Start" not in "".join(labels(app))
    assert not (tmp_path / "cache").exists()


def test_a_value_in_the_link_that_is_not_offered_is_named(cluster: FakeCluster) -> None:
    query = {**TINY, "B": "300", "mu": "3e-3", "seed": "-3", "epochs": "900"}
    app = opened(PAGE, **query)
    text = said(app).replace("\\", "")
    for key, allowed, value in (
        ("B", "1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048 or 4096", "16"),
        ("mu", "0.1, 0.5 or 1", "4e-4"),
        ("seed", "from 0 to 9999", "0"),
        ("epochs", "from 1 to 300", "30"),
    ):
        (told,) = [
            line for line in text.splitlines() if f"The link's {key}={query[key]} is left out: it can be" in line
        ]
        assert told.endswith(f"{allowed}; {value} is used.")
    assert text.count("is left out") == 4
    app.select_slider(key="B").set_value(64).run(timeout=PATIENCE)
    assert "is left out" not in said(app)
    assert "is left out" not in said(opened(PAGE, **{**TINY, "mu": "16e-4", "s": "0.375", "per_class": "20"}))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            {"several": "sevral"},
            "several=sevral is left out: it can be this run, seeds, B and μ₀, B, μ₀, s_B or m; this run is",
        ),
        (
            {"several": "s"},
            "several=s is left out: it can be this run, seeds, B and μ₀, B, μ₀, s_B or m; this run is used.",
        ),
        ({"several": "seeds", "count": "99"}, "count=99 is left out: it can be from 2 to 12; 3 is used."),
        ({**GRID, "each": "-1"}, "each=-1 is left out: it can be from 1 to 4; 1 is used."),
        (
            {**GRID, "stop": "noon"},
            "stop=noon is left out: it can be epochs, updates or training time T; epochs is used.",
        ),
        (
            {**GRID, "values_batch_size": ["16", "17", "64"]},
            "values_batch_size=17 is left out: it can be 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048 or 4096; "
            "16, 64 are used.",
        ),
        ({**GRID, "values_learning_rate": ["7"]}, "0.5 or 1; 1e-4, 4e-4, 16e-4 are used."),
        (
            {"several": "B", "values_batch_size": [str(2**k) for k in range(13)]},
            "The link has 13 values of values_batch_size; the first 12 are taken.",
        ),
    ],
)
def test_a_value_of_several_runs_that_is_not_offered_is_named(
    cluster: FakeCluster, more: dict[str, Any], says: str
) -> None:
    query: dict[str, Any] = {**TINY, **more}
    app = opened(PAGE, **query)
    assert not app.exception
    text = said(app).replace("\\", "")
    assert says in text
    assert text.count("is left out") + text.count("are taken") == 1


def test_what_a_link_says_of_several_runs_is_read_when_it_is_asked_for(cluster: FakeCluster) -> None:
    app = opened(PAGE, **TINY, count="99", each="9")
    assert "is left out" not in said(app)
    app.button_group(key="several").set_value("seeds").run(timeout=PATIENCE)
    assert "count=99 is left out" in said(app)
    assert "each=9" not in said(app)


def test_without_torch_it_explains(invented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sgd_core.runs.mode.find_spec", lambda name: None)
    with pages_of(invented, tmp_path / "cache"):
        app = opened(PAGE, data="vegetables")
    assert "torch, which is not installed" in said(app)
    assert "Start" not in "".join(labels(app))
