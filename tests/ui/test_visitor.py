from __future__ import annotations

import pytest

from sgd_core.ui.train.visitor import token


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
