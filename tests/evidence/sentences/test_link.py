"""What is said of a link that asks for what no page takes."""

from __future__ import annotations

import pytest

from sgd_core.evidence.sentences import link


@pytest.mark.parametrize(
    ("name", "value", "trouble", "said"),
    [
        ("metric", "", "it is empty", "The link's metric is left out: it is empty."),
        ("seed", "inf", "it is no number", "The link's seed=inf is left out: it is no number."),
        ("seed", "1e309", "it is no number", "The link's seed=1e309 is left out: it is no number."),
        ("a\n# b", "*c*", "it is long", r"The link's a \# b=\*c\* is left out: it is long."),
        ("x", "a" * 41, "it is long", f"The link's x={'a' * 39}… is left out: it is long."),
        ("x", "a" * 40, "it is long", f"The link's x={'a' * 40} is left out: it is long."),
    ],
)
def test_what_is_left_out(name: str, value: str, trouble: str, said: str) -> None:
    assert link.left_out(name, value, trouble) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("job", "The link has 1,000 values of job; the first 48 are taken."),
        ("", "The link has 1,000 settings; the first 48 are taken."),
    ],
)
def test_what_is_too_much(name: str, said: str) -> None:
    assert link.too_many(name, 1000, 48) == said
