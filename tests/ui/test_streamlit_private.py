"""What is taken from Streamlit without its promise: each test names what an upgrade broke.

That the server and a browser still talk as `asked` and `told` have it: tests/tools/test_visitors.py.
"""

from __future__ import annotations

import re
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.testing.v1 import AppTest

from sgd_core.ui.shell import streamlit_private
from sgd_core.ui.shell.streamlit_private import token
from tests.conftest import ROOT


def test_the_hidden_option_is_still_known_and_switched_off() -> None:
    """Else garbage is collected after every rerun; an option that is not documented may go without a word."""
    section, name = streamlit_private.NO_GARBAGE_COLLECTION.split(".")
    with (ROOT / ".streamlit" / "config.toml").open("rb") as file:
        assert tomllib.load(file)[section][name] is False
    assert streamlit.get_option(streamlit_private.NO_GARBAGE_COLLECTION) is False


def test_the_log_is_not_filled_with_stack_dumps() -> None:
    """Of controls that have a default and were set by a link or a button."""
    assert streamlit.get_option("global.disableWidgetStateDuplicationWarning") is True


def test_the_frontend_still_has_every_name_that_is_selected_by() -> None:
    told = vars(streamlit_private).values()
    selectors = [*(each for each in told if isinstance(each, str)), *streamlit_private.IN_STYLES.values()]
    names = {name for each in selectors for name in re.findall(r'data-testid="(\w+)"', each)}
    assert len(names) >= 11
    scripts = list((Path(streamlit.__file__).parent / "static").rglob("*.js"))
    known = {name for file in scripts for name in re.findall(r"\bst[A-Z]\w+", file.read_text(encoding="utf-8"))}
    assert names - known == {"stAlertContentError"}  # put together of two parts: tests/browser has it


def _most_at_once(monkeypatch: pytest.MonkeyPatch, patience: float) -> int:
    """Of four scripts that are asked for at once and take a moment each, how many ever run at once."""
    running, most, changing = 0, 0, threading.Lock()

    def run(*_told: Any) -> None:
        nonlocal running, most
        with changing:
            running += 1
            most = max(most, running)
        time.sleep(0.1)
        with changing:
            running -= 1

    monkeypatch.setattr(ScriptRunner, "_run_script", run)
    streamlit_private.one_at_a_time(patience)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ScriptRunner._run_script, range(4), range(4)))
    return most


def test_scripts_take_turns_but_one_that_hangs_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _most_at_once(monkeypatch, patience=60) == 1
    assert _most_at_once(monkeypatch, patience=0.01) == 4


def test_streamlit_runs_a_page_by_the_function_that_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    def script() -> None:
        import inspect

        import streamlit as st

        st.text([frame.function for frame in inspect.stack()].count("in_turn"))

    monkeypatch.setattr(ScriptRunner, "_run_script", ScriptRunner._run_script)  # put back at the end
    streamlit_private.one_at_a_time(patience=60)
    app = AppTest.from_function(script).run(timeout=60)
    assert app.text[0].value == "1"


def test_without_a_cookie_the_tab_is_the_visitor() -> None:
    """The context of a running script still has the session's id."""

    def script() -> None:
        import streamlit as st

        from sgd_core.ui.shell import streamlit_private

        st.text(streamlit_private.visitor())

    app = AppTest.from_function(script).run(timeout=60)
    assert not app.exception
    assert app.text[0].value not in ("", "nobody")


def test_a_page_that_is_loaded_again_is_the_same_visitor() -> None:
    """Cookies that Streamlit 1.67 sent to one browser, at first and after a refresh, and to another browser."""
    first = token("2|1c6d9955|e9b03a3f5fa3c7385e6dba7df6d8e331|1795521420")
    again = token("2|b292d447|474f772df15c8a2af092f76f5827ae23|1795521420")
    other = token("2|f17352d5|5bd4ce40b9202b5681b53b2a378a9242|1795521422")
    assert first == again != other
    assert len(first) == 32


@pytest.mark.parametrize("cookie", ["", "x", "2|1c6d9955|zz|1", "1|2", "2||e9b0|1", "é|é|é|é"])
def test_a_cookie_of_another_form_names_nobody(cookie: str) -> None:
    assert token(cookie) == ""
