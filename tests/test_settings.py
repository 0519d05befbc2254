"""Settings that come from the environment, and what is said of values that make no sense."""

from __future__ import annotations

import os

import pytest

from sgd_core import settings
from sgd_core.errors import UserError


def test_training_leaves_a_core_or_takes_as_many_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    monkeypatch.delenv("SGD_THREADS", raising=False)
    assert settings.threads() == 15
    monkeypatch.setenv("SGD_THREADS", "4")
    assert settings.threads() == 4
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.delenv("SGD_THREADS")
    assert settings.threads() == 1


@pytest.mark.parametrize("text", ["0", "17", "-1", "two", "1.5", " 4"])
def test_threads_that_make_no_sense_are_a_sentence(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    monkeypatch.setenv("SGD_THREADS", text)
    with pytest.raises(UserError, match=f"SGD_THREADS is '{text}', but must be a whole number from 1 to 16"):
        settings.threads()
