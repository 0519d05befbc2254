"""The features of a first epoch, made before anybody presses Start: which, in which order, and when it gives way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from sgd_core.experiment.spec import RunSpec
from sgd_core.training import one_run, weights
from tests.training.banks import TRAIN, VAL, TinyBank

CPU = torch.device("cpu")


class Empty(TinyBank):
    """A bank that has what was asked of it before."""

    def __init__(self, there: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.made = list(there)

    def has(self, number: int) -> bool:
        return f"view {number}" in self.made

    def has_clean(self, split: str) -> bool:
        return split in self.made

    def view(self, number: int, report: Any = None, cancelled: Any = None) -> torch.Tensor:
        self.made.append(f"view {number}")
        report(TRAIN, TRAIN)
        return super().view(number)

    def clean(self, split: str, report: Any = None, cancelled: Any = None) -> torch.Tensor:
        self.made.append(split)
        report(VAL, VAL)
        return super().clean(split)


def prepared(
    monkeypatch: pytest.MonkeyPatch, bank: Empty, waits: Callable[[], bool] = lambda: False, **settings: Any
) -> list[tuple[int, int]]:
    counts: list[tuple[int, int]] = []
    monkeypatch.setattr(one_run, "bank_of", lambda spec, device: bank)
    spec = RunSpec.parse({"dataset": "shapes", "features": "random", "views": 4, **settings})
    one_run.prepare(spec, CPU, lambda done, of: counts.append((done, of)), waits, lambda: False)
    return counts


def test_what_a_first_point_stands_on_comes_first_and_test_images_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = Empty()
    assert prepared(monkeypatch, bank) == [
        (TRAIN, 2 * TRAIN + VAL), (TRAIN + VAL, 2 * TRAIN + VAL), (2 * TRAIN + VAL, 2 * TRAIN + VAL),
    ]  # fmt: skip
    assert bank.made == ["view 0", "val", "view 1"]


def test_what_is_there_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = Empty(("view 0", "val"))
    assert prepared(monkeypatch, bank) == [(TRAIN, TRAIN)]
    assert bank.made == ["view 0", "val", "view 1"]


def test_it_gives_way_to_a_run_between_two_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = Empty()
    prepared(monkeypatch, bank, waits=lambda: bool(bank.made))
    assert bank.made == ["view 0"]


def test_nothing_is_downloaded_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = Empty()
    monkeypatch.setattr(weights, "at_hand", lambda features: features == "random")
    assert prepared(monkeypatch, bank, features="imagenet") == []
    assert bank.made == []
