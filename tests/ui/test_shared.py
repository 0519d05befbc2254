"""The cache that all visitors share: within its bytes, made once, nothing kept of what failed."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from sgd_core.ui.shell import shared
from sgd_core.ui.shell.shared import ENTRY, size_of


@pytest.fixture(autouse=True)
def _empty() -> None:
    shared.clear()


def test_it_stays_within_its_bytes_and_forgets_what_was_asked_for_longest_ago() -> None:
    made: list[int] = []
    kept = shared.cache_of(3 * (ENTRY + size_of(bytes(1000))))

    def make(number: int) -> bytes:
        made.append(number)
        return bytes(1000)

    ask = shared.shared(make, kept)
    for number in (1, 2, 3, 1, 4):  # 4 has no room until 2 is gone: 1 was asked for again
        ask(number)
        assert kept.currsize <= kept.maxsize
    assert made == [1, 2, 3, 4]
    for number in (1, 3, 4):
        ask(number)
    assert made == [1, 2, 3, 4]
    ask(2)
    assert made == [1, 2, 3, 4, 2]
    assert len(kept) == 3


def test_what_is_larger_than_all_of_it_is_handed_out_and_not_kept() -> None:
    kept = shared.cache_of(5000)
    ask = shared.shared(_zeros, kept)
    ask(100)
    assert len(ask(5000)) == 5000
    assert len(kept) == 1


def _zeros(count: int) -> bytes:
    return bytes(count)


def test_a_result_is_made_once_for_those_who_ask_at_the_same_time() -> None:
    made = []

    @shared.shared
    def slow(number: int) -> str:
        made.append(number)
        time.sleep(0.1)
        return "made"

    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(slow(1))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["made"] * 5
    assert made == [1]


def test_one_result_may_be_made_of_another() -> None:
    @shared.shared
    def inner(number: int) -> int:
        return number + 1

    @shared.shared
    def outer(number: int) -> int:
        return 2 * inner(number)

    assert outer(1) == 4


def test_what_fails_is_tried_again() -> None:
    tried = []

    @shared.shared
    def fails(number: int) -> str:
        tried.append(number)
        if len(tried) == 1:
            raise ValueError("once")
        return "made"

    with pytest.raises(ValueError, match="once"):
        fails(1)
    assert fails(1) == "made"


def test_arguments_are_the_key_however_they_are_given_and_an_underscore_leaves_one_out() -> None:
    made = []

    @shared.shared
    def picture(_table: list[int], measure: str, large: bool = False) -> str:
        made.append((measure, large))
        return f"{measure} of {sum(_table)}"

    assert picture([1], "loss") == picture([2, 3], measure="loss", large=False) == "loss of 1"
    assert picture([4], "loss", True) == "loss of 4"
    assert made == [("loss", False), ("loss", True)]


def test_two_functions_do_not_share_a_key() -> None:
    @shared.shared
    def one(number: int) -> str:
        return f"one {number}"

    @shared.shared
    def other(number: int) -> str:
        return f"other {number}"

    assert (one(1), other(1)) == ("one 1", "other 1")


@dataclass
class _Walk:
    path: np.ndarray
    table: pd.DataFrame


def test_the_size_of_what_is_kept_counts_arrays_and_tables_wherever_they_are() -> None:
    array, table = (
        np.zeros(10_000),
        pd.DataFrame({"x": np.zeros(5000), "run": pd.Series(["a" * 100] * 5000, dtype=object)}),
    )
    walk = _Walk(array, table)
    assert 80_000 <= size_of(array) < 81_000
    assert size_of(table) >= 540_000
    assert size_of(array) + size_of(table) <= size_of(walk) < size_of(array) + size_of(table) + 2000
    for held in ([walk], (walk,), {"walk": walk}, {"deep": [{"walk": walk}]}):
        assert size_of(walk) < size_of(held) < size_of(walk) + 2000
