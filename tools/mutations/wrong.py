"""Mistakes in what is said of the images that runs get wrong, and in the gauge that lists them."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/wrong.py", "tests/evidence/sentences/test_wrong.py"
_FOUND, _FOUND_TESTS = "sgd_core/evidence/wrong.py", "tests/evidence/test_wrong.py"
_GAUGE, _GAUGE_TESTS = "sgd_core/training/probes/errors.py", "tests/training/test_errors.py"
MUTATIONS = (
    Mutation("what it is and what it is taken for swapped", _SAID, "{true} is taken for {taken}",
             "{taken} is taken for {true}", _SAID_TESTS),
    Mutation("the share of those right", _SAID, "percent(found.wrong / found.images)",
             "percent(1 - found.wrong / found.images)", _SAID_TESTS),
    Mutation("a run of other settings passed off as the curve's", _SAID, '"" if own else', '"" if True else',
             _SAID_TESTS),
    Mutation("a class by the number before it", _SAID, "class {index + 1}", "class {index}", _SAID_TESTS),
    Mutation("wrong in any run called wrong in all", _FOUND, "frozenset.intersection(", "frozenset().union(",
             _FOUND_TESTS),
    Mutation("runs that list nothing compared", _FOUND,
             "listed = [end.splits[split] for end in found if split in end.splits and end.splits[split].whole]",
             "listed = [end.splits[split] for end in found if split in end.splits]", _FOUND_TESTS),
    Mutation("runs on other images compared", _FOUND, " or len({end.fingerprint for end in found}) > 1", "",
             _FOUND_TESTS),
    Mutation("the middle of a run taken for its end", _FOUND, 'rows[rows["epoch"] == last[row["key"]]]',
             'rows[rows["epoch"] == rows["epoch"].max()]', _FOUND_TESTS),
    Mutation("the highest seed", _FOUND, "ascending=[False, True, False]", "ascending=[False, False, False]",
             _FOUND_TESTS),
    Mutation("look-alikes counted as twins", _FOUND, "pair.correlation > twins.TWIN", "pair.correlation > twins.ALIKE",
             _FOUND_TESTS),
    Mutation("of two equal confusions one called the most", _FOUND,
             " or (len(counts) > 1 and counts[0][1] == counts[1][1])", "", _FOUND_TESTS),
    Mutation("class and answer swapped in the list", _GAUGE, '"{split} {i} of {was}": float(said)',
             '"{split} {i} of {said}": float(was)', _GAUGE_TESTS),
    Mutation("images that were not trained on counted", _GAUGE, "moment.spec.images_per_class", "None", _GAUGE_TESTS),
    Mutation("a list with dropout on", _GAUGE, "    head.eval()\n", "    head.train()\n", _GAUGE_TESTS),
)  # fmt: skip
