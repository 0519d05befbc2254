"""Mistakes in what the first page and a revealed guess say, and in how words are explained."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_START, _START_TESTS = "sgd_core/evidence/sentences/start.py", "tests/evidence/sentences/test_start.py"
_GUESS, _GUESS_TESTS = "sgd_core/evidence/sentences/predict.py", "tests/evidence/sentences/test_predict.py"
_WORDS, _WORDS_TESTS = "sgd_core/ui/shell/words.py", "tests/ui/test_words.py"
_BATCHES, _BATCHES_TESTS = "sgd_core/charts/batches.py", "tests/charts/test_batches.py"
MUTATIONS = (
    Mutation("a word explained every time it stands in a text", _WORDS, " or word.name in found", "", _WORDS_TESTS),
    Mutation("a page's text taken for HTML", _WORDS, '+ "&lt;", text)', '+ "<", text)', _WORDS_TESTS),
    Mutation("a part of a word taken for it", _WORDS, r"(?![\w/]|-\w)", "", _WORDS_TESTS),
    Mutation("the photograph on the batch after its own", _BATCHES, "[place // size]", "[place // size + 1]",
             _BATCHES_TESTS),
    Mutation("less motion begins the film anew", _BATCHES, 'calm ? {FRAMES} : clock', 'calm ? 0 : clock',
             _BATCHES_TESTS),
    Mutation("one more run said in the plural", _START, "'s' * (arms == 1)", "'s' * (arms != 1)", _START_TESTS),
    Mutation("the paper's runs taken for those found", _START, "network {of} times. {found}",
             "network {found} times. {of}", _START_TESTS),
    Mutation("the steps of an epoch given away", _START, "an epoch of {images:,} photographs",
             "an epoch of {images // sizes[0]:,} steps", _START_TESTS),
    Mutation("too high and too low swapped", _GUESS, 'guess > end else', 'guess < end else', _GUESS_TESTS),
    Mutation("guess and truth swapped", _GUESS, 'you said {shown[0]}, it ended at {shown[1]}',
             'you said {shown[1]}, it ended at {shown[0]}', _GUESS_TESTS),
    Mutation("an exact guess called wrong", _GUESS, "if off == gap(0, 0, loss):", "if guess == 2:", _GUESS_TESTS),
)  # fmt: skip
