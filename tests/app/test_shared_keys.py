"""Pages share names of controls: what a reader brings along from another page may be of another kind."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import PATIENCE
from tests.conftest import ROOT


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("page", "key", "brought", "begins"),
    [
        ("pages/Noise_lab_Motion.py", "mu", "0.05", 0.025),
        ("pages/Schedule_workbench.py", "mu", 0.1, "1e-4"),
        ("pages/Train.py", "mu", 0.1, None),
        ("pages/Train.py", "wrong", "B=16", 0.0),
    ],
)
def test_a_value_of_another_kind_is_left_behind(page: str, key: str, brought: Any, begins: Any) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    app.switch_page(page)
    app.session_state[key] = brought
    app.run()
    assert not app.exception
    assert type(app.session_state[key]) is not type(brought)
    assert begins in (None, app.session_state[key])
