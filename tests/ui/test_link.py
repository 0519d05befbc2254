"""What a page takes from its link, and 1,500 hostile ones."""

from __future__ import annotations

import math

import pytest

from sgd_core.runs.kept import search
from sgd_core.ui.shell import link
from tools import fuzz


@pytest.mark.parametrize(
    ("name", "value", "trouble"),
    [
        ("metric", "", "it is empty"),
        ("sort", " ", "it is empty"),
        ("seed", "inf", "it is no number that a control has"),
        ("seed", "-inf", "it is no number that a control has"),
        ("seed", "nan", "it is no number that a control has"),
        ("seed", "1e309", "it is no number that a control has"),
        ("seed", "9" * 160, "it is no number that a control has"),
        ("mu", "-1e16", "it is no number that a control has"),
        ("find", "B=16 " * 61, "it has 305 characters, and 300 are taken at most"),
        ("a" * 301, "1", "it has 301 characters, and 300 are taken at most"),
        ("x", "T\x00", "it holds what cannot be printed"),
    ],
)
def test_an_empty_or_absurd_value_is_left_out_with_a_word_about_it(name: str, value: str, trouble: str) -> None:
    kept, (sentence,) = link.tidied({name: [value], "B": ["16"]})
    assert kept == {"B": ["16"]}
    assert f"is left out: {trouble}" in sentence


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("seed", ["9999"]),
        ("seed", ["1e15"]),
        ("mu", ["5e-324"]),
        ("metric", ["Train loss"]),
        ("with", ["B=16", "B=512"]),
        ("find", ["nan"]),
        ("find", ["x" * search.LONGEST]),
        ("run", ["1234567e8901", "123456789012"]),
        ("phone", ["1" * 32]),
        ("values_batch_size", [""]),
    ],
)
def test_what_pages_write_into_links_is_taken(name: str, values: list[str]) -> None:
    assert link.tidied({name: values}) == ({name: values}, [])


def test_more_than_is_drawn_is_cut_and_said() -> None:
    keys = [f"{number:012x}" for number in range(1000)]
    kept, said = link.tidied({"job": keys})
    assert kept == {"job": keys[: link.VALUES]}
    assert said == ["The link has 1,000 values of job; the first 48 are taken."]
    kept, said = link.tidied({key: ["1"] for key in keys})
    assert list(kept) == keys[: link.NAMES]
    assert said == ["The link has 1,000 settings; the first 80 are taken."]


def test_of_several_values_the_good_ones_stay() -> None:
    kept, said = link.tidied({"hide": ["B=16", "", "B=32", ""]})
    assert kept == {"hide": ["B=16", "B=32"]}
    assert said == ["The link's hide is left out: it is empty."]


def test_of_1500_hostile_links_only_what_is_within_limits_is_taken() -> None:
    left_out = 0
    for _, picked in fuzz.links(1500):
        query = fuzz.named(picked, ["seed", "find", "B"])
        kept, said = link.tidied(query)
        left_out += len(said)
        assert bool(said) == (kept != query)
        for name, values in kept.items():
            assert 1 <= len(values) <= link.VALUES
            assert max(map(len, (name, *values))) <= link.LONGEST
            if name in ("seed", "B"):
                numbers = [float(value) for value in values if value.lstrip("-").replace(".", "", 1).isdigit()]
                assert all(math.isfinite(number) and abs(number) <= 1e15 for number in numbers)
    assert left_out > 1000
