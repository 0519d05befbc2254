"""What the first page says."""

from __future__ import annotations

import re

import pytest

from sgd_core.evidence.sentences import start


@pytest.mark.parametrize(
    ("arms", "more"), [(0, ""), (1, ", and 1 more that tests its claims"), (71, ", and 71 more that test its claims")]
)
def test_how_many_runs_are_published(arms: int, more: str) -> None:
    said = start.published(26, 27, arms)
    assert "trained one network 27 times. 26 of these runs are published here" in said
    assert f"each at one seed or more{more}: 2,967 photographs to train on, 409 to validate and 2,000 test" in said


def test_the_picture_is_read_without_the_answer_that_the_lesson_asks_for() -> None:
    both = [start.read(2967), start.pictured((16, 512), 2967)]
    assert "by batches of 16 and by batches of 512" in both[1]
    assert [set(re.findall(r"[0-9][0-9,]*", said)) - {"2,967", "16", "512"} for said in both] == [set(), set()]
