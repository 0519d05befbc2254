"""What tests of pages stand on: invented published runs in a folder of their own, never this machine's."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgd_core.runs import synthetic


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper's 27 runs at two seeds, with invented numbers, as published runs."""
    folder = tmp_path_factory.mktemp("invented")
    synthetic.write(folder, seeds=2)
    return folder


@pytest.fixture
def pages_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Point the app at a folder of published runs, with nothing kept by this machine; call it with the folder."""
    import streamlit as st

    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("SGD_MODE", raising=False)

    def point(folder: Path) -> None:
        monkeypatch.setenv("SGD_PUBLISHED_DIR", str(folder))
        st.cache_data.clear()
        st.cache_resource.clear()

    yield point
    st.cache_data.clear()
    st.cache_resource.clear()
