"""Guesses as a browser sends them, or as somebody makes them up; and what many of them come to."""

from __future__ import annotations

import math

import pytest

from sgd_core.errors import UserError
from sgd_core.evidence.guesses import POINTS, Options, Range, counts, end, middle, parsed_guess

SHARE, LOSS = Range(0.5, 1.0), Range(0.01, 5.0)
FULL = tuple((k / (POINTS - 1), 0.9) for k in range(POINTS))
THREE = Options(("Lower", "Equal", "Higher"))


@pytest.mark.parametrize(
    ("asked", "raw", "guess"),
    [
        (SHARE, [[0, 0.5], [0.5, 0.75], [1, 1]], ((0.0, 0.5), (0.5, 0.75), (1.0, 1.0))),
        (SHARE, [(1, 0.9)], ((1.0, 0.9),)),
        (LOSS, [[1, 5]], ((1.0, 5.0),)),
        (SHARE, list(map(list, FULL)), FULL),
        (THREE, 0, 0),
        (THREE, 2, 2),
    ],
)
def test_a_guess_is_taken(asked: Range | Options, raw: object, guess: object) -> None:
    assert parsed_guess(asked, raw) == guess


@pytest.mark.parametrize(
    ("asked", "raw", "said"),
    [
        (SHARE, None, "The guess is None, but must be a list of points (x, y)."),
        (SHARE, "0.9", "The guess is '0.9', but must be a list of points (x, y)."),
        (SHARE, {"x": 1}, "The guess is {'x': 1}, but must be a list of points (x, y)."),
        (SHARE, "9" * 100, "The guess is '" + 38 * "9" + "…, but must be a list of points (x, y)."),
        (SHARE, [], "The guess has 0 points, but must have 1 to 64."),
        (SHARE, [[k / 64, 0.9] for k in range(65)], "The guess has 65 points, but must have 1 to 64."),
        (SHARE, [[0, 0.9], 1], "Point 2 of the guess is 1, but must be two numbers, x and y."),
        (SHARE, [[0, 0.9, 1]], "Point 1 of the guess is [0, 0.9, 1], but must be two numbers, x and y."),
        (SHARE, [["0", 0.9]], "Point 1 of the guess is ['0', 0.9], but must be two numbers, x and y."),
        (SHARE, [[True, 0.9]], "Point 1 of the guess is [True, 0.9], but must be two numbers, x and y."),
        (SHARE, [[1, math.nan]], "Point 1 of the guess is [1, nan], but must be two numbers, x and y."),
        (SHARE, [[1, -math.inf]], "Point 1 of the guess is [1, -inf], but must be two numbers, x and y."),
        (SHARE, [[1, 10**400]], "but must be two numbers, x and y."),
        (SHARE, [[-0.1, 0.9]], "Point 1 of the guess has x -0.1, but must lie from 0 to 1."),
        (SHARE, [[0, 0.9], [1.1, 0.9]], "Point 2 of the guess has x 1.1, but must lie from 0 to 1."),
        (
            SHARE,
            [[0.5, 0.9], [0.5, 0.8]],
            "Point 2 of the guess has x 0.5, but must lie to the right of the one before.",
        ),
        (SHARE, [[0, 0.4], [1, 0.9]], "Point 1 of the guess has y 0.4, but must lie from 0.5 to 1."),
        (LOSS, [[1, 0]], "Point 1 of the guess has y 0, but must lie from 0.01 to 5."),
        (SHARE, [[0, 0.9], [0.9, 0.9]], "The guess ends at x 0.9, but must reach the right edge, 1."),
        (THREE, 3, "The guess is 3, but must be the place of an option, from 0 to 2."),
        (THREE, -1, "The guess is -1, but must be the place of an option, from 0 to 2."),
        (THREE, True, "The guess is True, but must be the place of an option, from 0 to 2."),
        (THREE, 1.0, "The guess is 1.0, but must be the place of an option, from 0 to 2."),
        (THREE, "Lower", "The guess is 'Lower', but must be the place of an option, from 0 to 2."),
    ],
)
def test_what_is_no_guess_is_said_why(asked: Range | Options, raw: object, said: str) -> None:
    with pytest.raises(UserError) as error:
        parsed_guess(asked, raw)
    assert str(error.value).endswith(said)


def test_a_curve_ends_at_its_last_point() -> None:
    assert end(((0.0, 0.1), (1.0, 0.9))) == 0.9


def test_the_middle_is_the_median_point_by_point() -> None:
    low, high, far = (((0.0, y), (1.0, y)) for y in (0.2, 0.6, 0.9))
    assert middle([low, high, far])[0] == (0.0, 0.6)
    assert middle([low, high])[-1][1] == pytest.approx(0.4)
    assert len(middle([low])) == POINTS
    assert middle([]) == ()


def test_the_middle_begins_where_half_of_the_curves_have_begun() -> None:
    whole, ends = ((0.0, 0.2), (1.0, 0.2)), ((1.0, 0.8),)
    assert middle([whole, ends, ends]) == ((1.0, 0.8),)
    assert middle([whole, whole, ends])[0] == (0.0, 0.2)
    assert middle([ends]) == ((1.0, 0.8),)


def test_votes_are_counted_an_option() -> None:
    assert counts(THREE, [2, 0, 2]) == (1, 0, 2)
    assert counts(THREE, []) == (0, 0, 0)
