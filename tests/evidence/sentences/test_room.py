"""What is said in a room."""

from __future__ import annotations

import pytest

from sgd_core.evidence.sentences import room


@pytest.mark.parametrize(
    ("phones", "said"), [(0, "No phone is here yet."), (1, "1 phone is here."), (24, "24 phones are here.")]
)
def test_who_is_there(phones: int, said: str) -> None:
    assert room.there(phones) == said


@pytest.mark.parametrize(
    ("answers", "phones", "said"),
    [
        (0, 0, "no phone is here"),
        (0, 24, "0 of 24 have answered"),
        (1, 24, "1 of 24 has answered"),
        (17, 24, "17 of 24 have answered"),
        (23, 24, "23 of 24 have answered"),
        (24, 24, "all 24 have answered"),
        (1, 1, "1 of 1 has answered"),
    ],
)
def test_who_has_answered(answers: int, phones: int, said: str) -> None:
    assert room.answered(answers, phones) == said


@pytest.mark.parametrize(
    ("begun", "asks", "open_", "sent", "revealed", "said"),
    [
        (False, True, True, False, False, "You are in. Look at the screen; the first question comes by itself."),
        (True, False, True, False, False,
         "Nothing to guess here. Look at the screen; the next question comes by itself."),
        (True, True, True, False, False, "Your guess is sent at once, and can be changed."),
        (True, True, True, True, False, "Sent. You can change it until the guesses are shown."),
        (True, True, False, True, False, "This was your guess. All guesses are on the screen now."),
        (True, True, False, False, False, "You sent no guess. All guesses are on the screen now."),
        (True, True, False, True, True,
         "This was your guess. What is true is on the screen; the next question comes by itself."),
        (True, True, False, False, True,
         "You sent no guess. What is true is on the screen; the next question comes by itself."),
    ],
)  # fmt: skip
def test_what_a_phone_says(begun: bool, asks: bool, open_: bool, sent: bool, revealed: bool, said: str) -> None:
    assert room.for_phone(begun, asks, open_, sent, revealed) == said


def test_phones_that_cannot_come_are_told_how_the_app_lets_them() -> None:
    assert room.unreachable(True).endswith("`python -m sgd_core serve --explore --network`.")
    assert room.unreachable(False).endswith("`python -m sgd_core serve --network`.")
