"""Mistakes in what a lesson's screen says and shows, and in what is said of a lesson's file."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/lesson.py", "tests/evidence/sentences/test_lesson.py"
_RUNS, _SCRIPT, _BATCHES = (f"sgd_core/ui/lesson/{name}.py" for name in ("runs", "script", "batches"))
_TESTS, _HELD = "tests/ui/test_lesson.py", "tests/ui/test_lesson_guesses.py"
_CLAIMS = "sgd_core/ui/lesson/claims.py"
_GUESSES, _GUESSES_TESTS = "sgd_core/evidence/guesses.py", "tests/evidence/test_guesses.py"
_SHEETS, _SHEETS_TESTS = "sgd_core/charts/guesses.py", "tests/charts/test_guesses.py"
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
    Mutation("the axis tells where a covered run ends", _RUNS, 'free(mean["mean"][~mean["run"].isin(settings.hide)])',
             'free(mean["mean"])', _HELD),
    Mutation("the axis tells when a covered run comes into view", _RUNS,
             "if settings.hide and not measure.loss else measure", "if False else measure", _HELD),
    Mutation("the axis begins where a covered run ends", _RUNS, "0.0 if worst < settings.least else settings.least",
             'float(mean["mean"].dropna().min())', _HELD),
    Mutation("the axis tells where a covered arm ends", _CLAIMS, 'known = frame[~frame["arm"].isin(settings.hide)]',
             "known = frame", _HELD),
    Mutation("a curve to draw where several are covered", _RUNS, 'if len(self.hide) == 1 else ""',
             'if self.hide else ""', _TESTS),
    Mutation("a covered curve on the sheet", _SHEETS, " for each in looks if each.name != asked)",
             " for each in looks)", _SHEETS_TESTS),
    Mutation("no room on the axis above what is shown", _SHEETS, "max(known) * ROOM", "max(known)", _SHEETS_TESTS),
    Mutation("what is right marked before the reveal", _SHEETS, "options.right if reveal else None", "options.right",
             _SHEETS_TESTS),
    Mutation("a guess may stop anywhere", _GUESSES, "if points[-1][0] != 1:", "if points[-1][0] > 1:", _GUESSES_TESTS),
    Mutation("a guess may stand still", _GUESSES, "x <= points[-1][0]", "x < points[-1][0]", _GUESSES_TESTS),
    Mutation("a guess may lie beyond the axis", _GUESSES, "not asked.low <= y <= asked.high", "not y <= asked.high",
             _GUESSES_TESTS),
    Mutation("a guess that is no number", _GUESSES, " and math.isfinite(value)", "", _GUESSES_TESTS),
    Mutation("true is the second option", _GUESSES, "isinstance(raw, bool) or not", "not", _GUESSES_TESTS),
    Mutation("the mean of guesses called their middle", _GUESSES, "np.nanmedian", "np.nanmean", _GUESSES_TESTS),
    Mutation("a guess too high called too low", _SAID, '"high" if guess > truth', '"high" if guess < truth',
             _SAID_TESTS),
    Mutation("the middle of guesses is the first", _SAID, "statistics.median(ends)", "ends[0]", _SAID_TESTS),
    Mutation("the most votes called right", _SAID, "{counts[options.right]} of {total}", "{most} of {total}",
             _SAID_TESTS),
    Mutation("the next step named", _SCRIPT, "step {number + 1}", "step {number}", _TESTS),
    Mutation("settings not validated", _SCRIPT, "settings = model.model_validate(step.settings)\n",
             "settings = model.model_construct(**step.settings)\n", _TESTS),
    Mutation("the second cloud shown at once", _BATCHES, "covered = [] if moment.presses else [both[1].name]",
             "covered: list[str] = []", _TESTS),
)  # fmt: skip
