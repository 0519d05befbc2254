"""The Train page on whatever images there are: its link says which, and what is measured is called what it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.experiment import fingerprints
from sgd_core.experiment.spec import Fingerprints, RunSpec
from sgd_core.images import remembered, sets
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue import engine as engines
from sgd_core.ui.shell.replay import ON_CROPS, PAPERS_ACCURACY
from sgd_core.ui.train.ask import start_of
from tests.app.conftest import charts, labels, opened, pressed, said
from tests.app.test_train import PAGE, cluster, the_job
from tests.conftest import pages_of
from tests.images.folders import CATS_AND_DOGS, write
from tests.runs.fake_cluster import FakeCluster
from tests.runs.made import made

__all__ = ["cluster"]


@pytest.fixture
def pets(cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = write(tmp_path / "pets", CATS_AND_DOGS)
    (folder / "train" / "cat" / "notes.txt").write_text("x")
    monkeypatch.setenv("SGD_DATA_DIR", str(folder))
    return folder


def images(app: AppTest) -> tuple[str, list[str]]:
    """What the control of the images is at, and what the link says."""
    linked = app.query_params.get("data", [])
    return str(app.session_state["data"]), [linked] if isinstance(linked, str) else linked


def measure(app: AppTest) -> list[str]:
    (control,) = (each for each in app.get("button_group") if each.key == "metric")
    return [option.content for option in control.proto.options]


def test_a_link_says_its_images_from_the_first(cluster: FakeCluster) -> None:
    app = opened(PAGE)
    assert images(app) == ("shapes", ["shapes"])
    assert images(app.run()) == ("shapes", ["shapes"])


def test_a_link_without_images_means_the_papers_wherever_it_is_opened(cluster: FakeCluster) -> None:
    app = opened(PAGE, B="32")
    assert images(app) == ("vegetables", ["vegetables"])
    assert app.session_state["mu"] == "1e-4"
    assert "The vegetables are not on this machine" in said(app)


def test_images_that_are_not_here_are_said(cluster: FakeCluster) -> None:
    app = opened(PAGE, data="flowers", B="32")
    assert app.session_state["data"] == "vegetables"
    left_out = "The link's data=flowers is left out: it can be vegetables or shapes; vegetables is used."
    assert left_out in said(app).replace("\\", "")


def test_a_set_of_ones_own_is_opened_told_and_trained(pets: Path) -> None:
    app = opened(PAGE)
    assert images(app) == ("pets", ["pets"])
    told = said(app).replace("\\", "")
    assert "2 classes; images: 20 to train on, 10 for validation. They are turned as EXIF says" in told
    assert "1 other is not read: data check names them." in told
    app = pressed(app, "Start")
    assert the_job(app).spec == start_of("pets")


def test_what_is_there_is_there_only_on_the_images_of_now(pets: Path) -> None:
    def page() -> AppTest:
        import streamlit as st

        st.cache_data.clear()
        return opened(PAGE)

    spec = start_of("pets")
    remembered.of_files(*sets.hashed(sets.listed("pets")), lambda: "a" * 64)
    prints = Fingerprints("a" * 64, fingerprints.WEIGHTS["imagenet"])
    run = made(epochs=30, views=33, dataset="pets", prints=prints)
    assert run.spec == spec
    Store().save(run)
    app = page()
    assert "This run is there already" in said(app)
    assert measure(app) == [ON_CROPS, "Validation accuracy", "Train loss"]
    before = engines.engine().start([spec], "somebody")[0].key
    (pets / "val" / "cat" / "new.png").write_bytes((pets / "val" / "cat" / "000.png").read_bytes())
    app = page()
    assert "This run is there already" not in said(app)
    assert "Start" in labels(app)
    assert engines.engine().start([spec], "somebody")[0].key != before


def test_a_folder_that_cannot_be_used_is_told_of(pets: Path) -> None:
    write(pets, {"validation": {"cat": 1}})
    app = opened(PAGE)
    assert images(app) == ("shapes", ["shapes"])
    assert "pets has both val/ and validation/" in said(app).replace("\\", "")
    assert not app.exception


def test_only_the_papers_images_are_measured_by_the_papers_accuracy(cluster: FakeCluster) -> None:
    Store().save(made(epochs=30, dataset="shapes", features="random", views=4, learning_rate=4e-4))
    for data, name in (("shapes", ON_CROPS), ("vegetables", PAPERS_ACCURACY)):
        app = opened(PAGE, data=data, B="16", epochs="30" if data == "shapes" else "150")
        assert not app.exception
        assert measure(app)[0] == name
        assert f'"{name.lower()}"' in charts(app)[-1].spec
        assert app.session_state["metric"] == PAPERS_ACCURACY


def test_explore_opens_on_the_images_that_are_published(
    invented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pages_of(invented, tmp_path / "cache", mode="explore"):
        monkeypatch.setenv("SGD_DATA_DIR", str(tmp_path / "secret place"))
        app = opened(PAGE)
        assert images(app) == ("vegetables", ["vegetables"])
        assert len(charts(app)) == 1
        assert "secret place" not in said(app)
        assert "No run on these images" not in said(app)


def test_the_workbench_knows_how_many_images_there_are(pets: Path) -> None:
    app = opened("pages/Schedule_workbench.py", data="pets", epochs="3")
    assert not app.exception
    help = next(each.proto.help for each in app.get("button_group") if each.key == "data")
    assert help == "N is 2,967 for the vegetables, 600 for the shapes and 20 for pets."


def test_the_start_of_any_set_is_offered() -> None:
    assert start_of("pets") == RunSpec(dataset="pets", epochs=30, views=33)


def test_jobs_on_images_that_are_gone_can_still_be_dismissed(pets: Path, cluster: FakeCluster) -> None:
    engines.engine().start([start_of("pets")], "somebody")
    shutil.rmtree(pets)
    app = opened(PAGE)
    assert not app.exception
    assert not app.error
    assert "Cancel" in labels(app)


def test_every_run_calls_the_measure_by_what_it_is(cluster: FakeCluster) -> None:
    run = made(epochs=30, dataset="shapes", features="random", views=4, learning_rate=4e-4)
    Store().save(run)
    app = opened("pages/Runs.py", run=run.key[:12])
    assert not app.exception
    assert measure(app)[0] == ON_CROPS
    assert f'"{ON_CROPS.lower()}"' in charts(app)[-1].spec
    app = opened("pages/Runs.py", run=run.key[:12], metric="Validation accuracy")
    assert app.session_state["metric"] == "Validation accuracy"
