"""What tests of pages stand on: invented published runs in a folder of their own, never this machine's.

Hypothesis has no time limit here: a busy machine is no failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from sgd_core import settings
from sgd_core.ui.shell import shared
from tools import synthetic

ROOT = settings.ROOT

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is there: of several processes on few cores, threads wait in vain

hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


FIRST = (
    "tests/runs/test_sweep_cluster.py", "tests/training/test_published_run.py", "tests/runs/test_engine_processes.py",
    "tests/training/test_processes.py", "tests/browser/test_every_page.py", "tests/browser/test_train.py",
)  # fmt: skip
"""Files that take longest: one of several processes would be left with them at the end."""
AGAIN = (
    "tests/browser/", "tests/cli/test_several.py", "tests/runs/test_engine_processes.py",
    "tests/runs/test_sweep_cluster.py", "tests/tools/", "tests/training/test_processes.py",
)  # fmt: skip
"""A browser's and several processes' tests, one of which in a whole run may fail where both cores are full for minutes:
what fails is made once more, which the summary counts, and what fails twice has failed."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, and few of a browser's at once, each of which keeps more than a core busy."""
    places = {name: place for place, name in enumerate(FIRST)}
    files = sorted(dict.fromkeys(file_of(item) for item in items), key=lambda name: places.get(name, len(places)))
    browsers = [name for name in files if name.startswith("tests/browser/")]
    others = [name for name in files if not name.startswith("tests/browser/")]
    order = {name: at / len(files) for files in (browsers, others) for at, name in enumerate(files)}
    items.sort(key=lambda item: order[file_of(item)])
    for item in items:
        if item.nodeid.startswith(AGAIN):
            item.add_marker(pytest.mark.flaky(reruns=1))


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.fixture
def attempt(request: pytest.FixtureRequest) -> int:
    """1, and 2 where a test is made once more: a seed that follows from it finds nothing of what the first one left."""
    return int(getattr(request.node, "execution_count", 1))


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper's 27 runs at two seeds, with invented numbers, as published runs."""
    folder = tmp_path_factory.mktemp("invented")
    synthetic.write(folder, seeds=2)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _no_component_packages() -> Iterator[None]:
    """AppTest reads the metadata of every installed package at each opening of a page: three quarters of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", lambda *_, **__: [])
        yield


@pytest.fixture(autouse=True)
def _environment_left_as_it_was() -> Iterator[None]:
    """A test that leaves a setting behind makes another one fail, elsewhere, in one of some orders only."""
    before = {name: value for name, value in os.environ.items() if name.startswith("SGD_")}
    yield
    assert {name: value for name, value in os.environ.items() if name.startswith("SGD_")} == before


@pytest.fixture(scope="session")
def shapes_features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of banks with random features of the shapes: two views and every split, made once for all processes."""
    torch = pytest.importorskip("torch")
    from sgd_core.images.places import SPLITS
    from sgd_core.training.data import Shapes
    from sgd_core.training.features import FeatureBank

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shapes features"
    with FileLock(f"{folder}.lock"):
        bank = FeatureBank(Shapes(), "random", folder, torch.device("cpu"))
        for view in range(2):
            bank.view(view)
        for split in SPLITS:
            bank.clean(split)
    return folder


def with_features(cache: Path, features: Path) -> Path:
    """A cache folder in which these banks are; what a test makes or removes there is its own."""
    shutil.copytree(features, cache / "banks", copy_function=os.link)
    return cache


@contextmanager
def pages_of(folder: Path, cache: Path, mode: str = "lab") -> Iterator[None]:
    """Pages read the published runs of `folder` and keep things in `cache`, whatever the environment says."""
    import streamlit as st
    from streamlit.logger import set_log_level

    set_log_level("error")  # it warns of every call outside a server
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SGD_PUBLISHED_DIR", str(folder))
        patch.setenv("SGD_CACHE_DIR", str(cache))
        patch.setenv("SGD_MODE", mode)
        patch.setenv("SGD_PREPARE", "no")
        for cached in (st.cache_data, st.cache_resource, shared):
            cached.clear()
        yield
        for cached in (st.cache_data, st.cache_resource, shared):
            cached.clear()
