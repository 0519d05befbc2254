from __future__ import annotations

import re

import pytest

from sgd_core.evidence.sentences.words import are, counted, duration, percent, plain


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "1 s"), (1.4, "1 s"), (40, "40 s"), (89.4, "89 s"), (90, "2 min"), (720, "12 min"), (5399, "90 min"),
        (5400, "1.5 h"), (9000, "2.5 h"), (360_000, "100.0 h"),
    ],
)  # fmt: skip
def test_a_length_of_time_as_a_reader_counts_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0%"), (1e-9, "less than 1%"), (0.0049, "less than 1%"), (0.006, "1%"), (0.5, "50%"), (0.994, "99%"),
        (0.996, "more than 99%"), (249.5 / 250, "more than 99%"), (1.0, "100%"), (1.2, "120%"),
    ],
)  # fmt: skip
def test_all_and_nothing_are_said_of_all_and_nothing_only(share: float, said: str) -> None:
    assert percent(share) == said


def test_counts() -> None:
    assert [counted(n) for n in (0, 1, 2, 10_000)] == ["0 runs", "1 run", "2 runs", "10,000 runs"]
    assert counted(1, "epoch") == "1 epoch"
    assert [are(n) for n in (0, 1, 2)] == ["are", "is", "are"]


def test_a_readers_text_has_no_markdown_left() -> None:
    assert plain("# my *best* [run](x)") == r"\# my \*best\* \[run\]\(x\)"


@pytest.mark.parametrize(
    "text", ["https://a.example/b?c=d", "HTTP://A.example", "www.a.example", "WWW.a.example", "me@a.example"]
)
def test_an_address_is_text(text: str) -> None:
    shown = plain(text).replace("\\", "")
    assert shown.replace("\u2060", "") == text  # what is seen
    assert not re.search(r"(?i)https?://|www\.|\w@", shown)  # what Markdown makes links of
