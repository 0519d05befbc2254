"""Mistakes in what the evidence page says and draws."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/evidence.py", "tests/evidence/sentences/test_evidence.py"
_FOREST, _FOREST_TESTS = "sgd_core/charts/forest.py", "tests/ui/test_forest.py"
_ORDER, _ORDER_TESTS = "sgd_core/evidence/ordering.py", "tests/evidence/test_ordering.py"
_ARMS, _ARMS_TESTS = "sgd_core/evidence/arms.py", "tests/evidence/test_arms.py"
_MAP, _MAP_TESTS = "sgd_core/evidence/equal_time.py", "tests/evidence/test_equal_time.py"
_PAGE_TESTS = "tests/app/test_evidence.py"
MUTATIONS = (
    Mutation("training time credited before equal epochs are decided", _SAID, 'epochs.outcome == "supported":',
             'epochs.primary.outcome == "supported":', _SAID_TESTS),
    Mutation("noise said to do better where it does worse", _SAID, "if high < -bound:", "if low > bound:", _SAID_TESTS),
    Mutation("a wide interval said to be no difference", _SAID, "if low > -bound and high < bound else",
             "if high < bound else", _SAID_TESTS),
    Mutation("an answer before the verdict", _SAID, 'if noise.outcome == "cannot tell yet":', "if False:", _SAID_TESTS),
    Mutation("seeds against the mean counted for it", _SAID, "each * found.paired.mean > 0", "each * 1 > 0",
             _SAID_TESTS),
    Mutation("claims that are missing counted as not supported", _SAID, "each.outcome == outcome for each",
             "(each.outcome == outcome) or outcome == 'not supported' for each", _SAID_TESTS),
    Mutation("how much longer upside down", _SAID, "_time(found, comparison.first) / _time(found, comparison.second)",
             "_time(found, comparison.second) / _time(found, comparison.first)", _SAID_TESTS),
    Mutation("control's yes and no swapped", _SAID, '"supported": "for", "not supported": "against"',
             '"supported": "against", "not supported": "for"', _SAID_TESTS),
    Mutation("an order said to survive whatever it is", _SAID, "agreement >= 0.9 else", "agreement >= -1 else",
             _SAID_TESTS),
    Mutation("would have found from one seed", _SAID, "found.primary.paired.n < 2:\n        return \"unknown",
             "found.primary.paired.n < 1:\n        return \"unknown", _SAID_TESTS),
    Mutation("a claim of the same drawn as one of more", _FOREST, 'if row.kind == "more" else', "if True else",
             _FOREST_TESTS),
    Mutation("no arrow where a bar is cut", _FOREST, "max(ends, default=0) > LIMIT", "row.mean > LIMIT", _FOREST_TESTS),
    Mutation("a mean beyond the picture drawn at its edge", _FOREST, "abs(row.mean) <= LIMIT", "True", _FOREST_TESTS),
    Mutation("the margin's zone on one side", _FOREST, '{"from": -1, "to": 1}', '{"from": 0, "to": 1}', _FOREST_TESTS),
    Mutation("correlation of values for ranks", _ORDER, "one.rank().corr(other.rank())", "one.corr(other)",
             _ORDER_TESTS),
    Mutation("crops mixed beside the authors", _ORDER, 'transform("max")]', 'transform("max") * 0 + table["views"]]',
             _ORDER_TESTS),
    Mutation("a band of the mean alone", _ARMS, 'low=(column, "min")', 'low=(column, "mean")', _ARMS_TESTS),
    Mutation("a loss of zero on a log axis", _ARMS, "rows[rows[column] > 0]", "rows", _ARMS_TESTS),
    Mutation("an arm of no comparison drawn", _ARMS, "stages(claim)[:2]", "stages(claim)", _ARMS_TESTS),
    Mutation("a rate said not to matter beside one other", _MAP, 'if all(ratios(pair, "same"',
             'if any(ratios(pair, "same"', _MAP_TESTS),
    Mutation("the highest rate called best", _MAP, "lowest = min(there, key", "lowest = max(there, key", _MAP_TESTS),
    Mutation("best beside one other rate enough", _MAP, 'elif all(ratios(pair, "more"', 'elif any(ratios(pair, "more"',
             _MAP_TESTS),
    Mutation("the paper's own run left out of the map", _MAP, "[Arm(LARGE_FAST), _PLACES[place]]", "[_PLACES[place]]",
             _MAP_TESTS),
    Mutation("cells of other views on the map", _MAP, "if of == views", "if of", _MAP_TESTS),
    Mutation("less noise called more", "sgd_core/evidence/sentences/equal_time.py", '"more" if low > 0',
             '"more" if low < 0', "tests/evidence/sentences/test_equal_time.py"),
    Mutation("upwards and downwards swapped", "sgd_core/evidence/sentences/equal_time.py", "if ratio > 1 else 'down",
             "if ratio < 1 else 'down", "tests/evidence/sentences/test_equal_time.py"),
    Mutation("claims drawn out of order", "sgd_core/ui/answer/evidence.py", "        for each in every:\n",
             "        for each in every[::-1]:\n", _PAGE_TESTS),
    Mutation("another outcome on the badge", "sgd_core/ui/answer/cards.py", "-badge[{found.outcome}]",
             "-badge[{found.primary.outcome}]", _PAGE_TESTS),
)  # fmt: skip
