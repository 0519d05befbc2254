"""Mistakes in what a lesson's screen says and shows, and in what is said of a lesson's file."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/lesson.py", "tests/evidence/sentences/test_lesson.py"
_RUNS, _SCRIPT, _BATCHES = (f"sgd_core/ui/lesson/{name}.py" for name in ("runs", "script", "batches"))
_TESTS = "tests/ui/test_lesson.py"
MUTATIONS = (
    Mutation("the last batch of an epoch forgotten", _SAID, "math.ceil(images / size)", "images // size", _SAID_TESTS),
    Mutation("fewest and most updates swapped", _SAID, "few, many = min(updates", "many, few = min(updates",
             _SAID_TESTS),
    Mutation("the best loss is the highest", _SAID, "last.idxmin() if loss else last.idxmax()",
             "last.idxmax() if loss else last.idxmin()", _SAID_TESTS),
    Mutation("a gap within rounding ranked", _SAID, " and place.gap > place.step", "", _SAID_TESTS),
    Mutation("first and last swapped", _SAID, "best, worst = ranked[0], ranked[-1]",
             "worst, best = ranked[0], ranked[-1]", _SAID_TESTS),
    Mutation("the variance is not squared", _SAID, "(off[0] / off[1]) ** 2", "(off[0] / off[1])", _SAID_TESTS),
    Mutation("the clouds swapped", _SAID, "variance[1] / variance[0]", "variance[0] / variance[1]", _SAID_TESTS),
    Mutation("the rows of a covered run sent all the same", _RUNS, 'data[~data["run"].isin(covered)]', "data", _TESTS),
    Mutation("the answer said before the press", _RUNS, '        return ""\n    if settings.hide',
             "        pass\n    if settings.hide", _TESTS),
    Mutation("the axis tells where a covered run ends", _RUNS, "HALF if worst > HALF + 0.1 else 0.0",
             "worst - 0.15", _TESTS),
    Mutation("the next step named", _SCRIPT, "step {number + 1}", "step {number}", _TESTS),
    Mutation("settings not validated", _SCRIPT, "            model.model_validate(step.settings)\n",
             "            pass\n", _TESTS),
    Mutation("the second cloud shown at once", _BATCHES, "covered = [] if moment.presses else [both[1].name]",
             "covered: list[str] = []", _TESTS),
)  # fmt: skip
