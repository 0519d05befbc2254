"""The students' link and its QR code."""

from __future__ import annotations

import pytest

from sgd_core.errors import UserError
from sgd_core.rooms import address


@pytest.mark.parametrize(
    ("page", "given", "link"),
    [
        ("https://lab.example/Lesson", "", "https://lab.example/Lesson?room=BCDF"),
        ("https://lab.example/base/Lesson", "", "https://lab.example/base/Lesson?room=BCDF"),
        ("http://localhost:8501/Lesson", "192.168.1.7", "http://192.168.1.7:8501/Lesson?room=BCDF"),
        ("http://localhost:8501/Lesson", " 192.168.1.7:80/ ", "http://192.168.1.7:80/Lesson?room=BCDF"),
        ("http://localhost:8501/Lesson", "https://lab.example", "https://lab.example/Lesson?room=BCDF"),
    ],
)
def test_the_link_is_the_teacher_s_page_at_the_given_host(page: str, given: str, link: str) -> None:
    assert address.join_address(page, "BCDF", given) == link


@pytest.mark.parametrize("given", ["a b", "ftp://host", "host:port", "host:123456", "<script>", "user@host", "host/x"])
def test_what_is_no_host_is_said(given: str) -> None:
    with pytest.raises(UserError, match=r"The address is '.*', but must be a host, like 192\.168\.1\.7:8501\."):
        address.join_address("http://localhost:8501/Lesson", "BCDF", given)


@pytest.mark.parametrize(
    ("page", "only_here"),
    [
        ("http://localhost:8501/Lesson", True),
        ("http://127.0.0.1:8501/Lesson", True),
        ("http://[::1]:8501/Lesson", True),
        ("http://192.168.1.7:8501/Lesson", False),
        ("https://lab.example/Lesson", False),
    ],
)
def test_an_address_that_leads_nowhere_else_is_known(page: str, only_here: bool) -> None:
    assert address.only_here(page) is only_here


def test_the_address_of_this_machine_is_none_that_only_it_reaches() -> None:
    assert not address.only_here(f"http://{address.of_this_machine()}/")


def test_the_code_is_a_picture_with_a_text() -> None:
    code = address.qr("http://192.168.1.7:8501/Lesson?room=BCDF&x=<1>")
    assert code.startswith('<img src="data:image/svg+xml')
    assert 'alt="QR code of http://192.168.1.7:8501/Lesson?room=BCDF&amp;x=&lt;1&gt;"' in code
    assert address.qr("http://a/Lesson?room=BCDF") != address.qr("http://a/Lesson?room=BCDG")
