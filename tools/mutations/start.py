"""Mistakes in what the first page and a revealed guess say."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_START, _START_TESTS = "sgd_core/evidence/sentences/start.py", "tests/evidence/sentences/test_start.py"
_GUESS, _GUESS_TESTS = "sgd_core/evidence/sentences/predict.py", "tests/evidence/sentences/test_predict.py"
MUTATIONS = (
    Mutation("first and last run instead of best and worst", _START, "gap(max(ends), min(ends), loss=False)",
             "gap([*ends][0], [*ends][1], loss=False)", _START_TESTS),
    Mutation("points said as a loss", _START, "min(ends), loss=False", "min(ends), loss=True", _START_TESTS),
    Mutation("nothing said where there is no shared place", _START, "        return said\n", "        return ''\n",
             _START_TESTS),
    Mutation("too high and too low swapped", _GUESS, 'guess > end else', 'guess < end else', _GUESS_TESTS),
    Mutation("guess and truth swapped", _GUESS, 'you said {shown[0]}, it ended at {shown[1]}',
             'you said {shown[1]}, it ended at {shown[0]}', _GUESS_TESTS),
    Mutation("an exact guess called wrong", _GUESS, "if off == gap(0, 0, loss):", "if guess == 2:", _GUESS_TESTS),
)  # fmt: skip
