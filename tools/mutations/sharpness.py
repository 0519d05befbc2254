"""Mistakes in where runs are compared, in what rescaling does, and in what the page on sharpness says."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_PLACES, _PLACE_TESTS = "sgd_core/evidence/sharper.py", "tests/evidence/test_sharper.py"
_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/sharpness.py", "tests/evidence/sentences/test_sharpness.py"
_BETWEEN, _BETWEEN_TESTS = "sgd_core/evidence/sentences/between.py", "tests/evidence/sentences/test_between.py"
_DRAWN, _DRAWN_TESTS = "sgd_core/charts/between.py", "tests/charts/test_between.py"
_ALONG, _ALONG_TESTS = "sgd_core/charts/sharpness.py", "tests/charts/test_sharpness.py"
_RESCALED, _KEPT, _KEPT_TESTS = "sgd_core/training/rescaled.py", "sgd_core/cli/between.py", "tests/cli/test_between.py"
MUTATIONS = (
    Mutation("compared at the smallest loss", _PLACES, 'max(known) if place == "reported_loss"',
             'min(known) if place == "reported_loss"', _PLACE_TESTS),
    Mutation("compared where the longest run ends", _PLACES, "else min(known)", "else max(known)", _PLACE_TESTS),
    Mutation("read from any distance", _PLACES, "<= math.log(NEAR) and", "<= math.inf and", _PLACE_TESTS),
    Mutation("epochs from near by", _PLACES, ' and place != "trained"', "", _PLACE_TESTS),
    Mutation("all views together", _PLACES, "if each[0] == max(views for views, *_ in read)", "", _PLACE_TESTS),
    Mutation("an arithmetic mean", _PLACES, "math.exp(sum(math.log(each[2]) for each in most) / len(most))",
             "sum(each[2] for each in most) / len(most)", _PLACE_TESTS),
    Mutation("least and most swapped", _SAID, "key=lambda each: -each[1]", "key=lambda each: each[1]", _SAID_TESTS),
    Mutation("everything is ranked", _SAID, "ALIKE = 1.1", "ALIKE = 1.0", _SAID_TESTS),
    Mutation("a reverse is not seen", _SAID, "if ratio < 1 / ALIKE:", "if False:", _SAID_TESTS),
    Mutation("T and loss swapped", _SAID, "_left(top, bottom, time), _left(top, bottom, loss)",
             "_left(top, bottom, loss), _left(top, bottom, time)", _SAID_TESTS),
    Mutation("the farthest from its edge", _SAID, 'max(known, key=lambda row: row["relative"])',
             'min(known, key=lambda row: row["relative"])', _SAID_TESTS),
    Mutation("a barrier wherever the line rises", _BETWEEN, "ALIKE * max(by[0.0], by[1.0])", "min(by[0.0], by[1.0])",
             _BETWEEN_TESTS),
    Mutation("changed predictions left unsaid", _BETWEEN, "if changed == 0:", "if True:", _BETWEEN_TESTS),
    Mutation("alpha in steps of one", _DRAWN, '"pow(2, k)"', '"k + 1"', _DRAWN_TESTS),
    Mutation("loss upwards to the right", _ALONG, "channels.log(reverse=True, padding=12)", "channels.log(padding=12)",
             _ALONG_TESTS),
    Mutation("a bias that is not scaled", _RESCALED, "linears[0].bias: alpha,", "", _KEPT_TESTS),
    Mutation("the next layer multiplied too", _RESCALED, "linears[1].weight: 1 / alpha", "linears[1].weight: alpha",
             _KEPT_TESTS),
    Mutation("ends swapped on the plane", _KEPT, 'zip(("first", "second"), ends', 'zip(("second", "first"), ends',
             _KEPT_TESTS),
    Mutation("ways without their distance", _KEPT, 'f"{name} away at {epoch}": away', 'f"{name} away at {epoch}": 0.0',
             _KEPT_TESTS),
)  # fmt: skip
