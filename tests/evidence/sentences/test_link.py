"""What is said of a link that asks for what no page takes."""

from __future__ import annotations

from collections.abc import Sequence

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


@pytest.mark.parametrize(
    ("names", "limits", "used", "said"),
    [
        (("a", "b", "c*"), None, ["a"], r"it can be a, b or c\*; a is used"),
        (("true", "false"), None, ["false"], "it can be true or false; false is used"),
        ((), (0, 9999), ["0"], "it can be from 0 to 9999; 0 is used"),
        ((), (0.05, 1.0), ["0.5"], r"it can be from 0.05 to 1; 0\.5 is used"),
        (["a"] * 24, None, ["a", "b"], f"it can be {'a, ' * 23}".removesuffix(", ") + " or a; a, b are used"),
        (["a"] * 25, None, [], "it can be one of the 25 that are offered; nothing is chosen"),
        ((), None, ["old"], "old is used"),
    ],
)
def test_what_a_control_does_not_offer(
    names: Sequence[str], limits: tuple[float, float] | None, used: list[str], said: str
) -> None:
    assert link.not_offered(link.offered(names, limits), used) == said
