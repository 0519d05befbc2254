"""What tests of pages stand on: invented published runs in a folder of their own, never this machine's.

Hypothesis has no time limit here: a busy machine is no failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from sgd_core import settings
from tools import synthetic

ROOT = settings.ROOT

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is there: of several processes on few cores, threads wait in vain

hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper's 27 runs at two seeds, with invented numbers, as published runs."""
    folder = tmp_path_factory.mktemp("invented")
    synthetic.write(folder, seeds=2)
    return folder


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
        for cached in (st.cache_data, st.cache_resource):
            cached.clear()
        yield
        for cached in (st.cache_data, st.cache_resource):
            cached.clear()
