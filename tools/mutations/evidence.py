"""Mistakes in verdicts, in what they stand on, and in what figure pages say."""

from __future__ import annotations

from tools.mutations.mutation import Mutation

_FIGURE, _FIGURE_TESTS = "sgd_core/evidence/sentences/figures.py", "tests/evidence/sentences/test_figures.py"
_SAID, _SAID_TESTS = "sgd_core/evidence/sentences/verdicts.py", "tests/evidence/sentences/test_verdicts.py"
_VERDICTS, _VERDICT_TESTS = "sgd_core/evidence/verdicts.py", "tests/evidence/test_verdicts.py"
_ENDS, _PAIRED = "sgd_core/evidence/ends.py", "sgd_core/evidence/paired.py"
MUTATIONS = (
    Mutation("highest and lowest swapped", _FIGURE, "{high} highest, {low} lowest", "{low} highest, {high} lowest",
             _FIGURE_TESTS),
    Mutation("best and worst swapped", _FIGURE, "({equal.best} best, {equal.worst} last)",
             "({equal.worst} best, {equal.best} last)", _FIGURE_TESTS),
    Mutation("points said as fractions", _FIGURE, "{100 * abs(one - two):.1f} points", "{abs(one - two):.1f} points",
             _FIGURE_TESTS),
    Mutation("a loss said in points", _FIGURE, 'if loss else f"{100', 'if not loss else f"{100', _FIGURE_TESTS),
    Mutation("ties ranked", _FIGURE, ">= TIED", ">= 0", _FIGURE_TESTS),
    Mutation("zigzag ranked", _FIGURE, "loss or equal.gap >= CLEAR", "True", _FIGURE_TESTS),
    Mutation("compared before anything is finished", _FIGURE, "finished < EARLY", "finished < 0", _FIGURE_TESTS),
    Mutation("crops blamed where they are fresh", _FIGURE, "views > last_epoch", "views < last_epoch", _FIGURE_TESTS),
    Mutation("here and there swapped", _FIGURE, "{row['paper_reported']:.1%} there",
             "{row['final_reported_accuracy']:.1%} there", _FIGURE_TESTS),
    Mutation("a smaller loss is worse", "sgd_core/evidence/alignment.py", "reverse=not less_is_better",
             "reverse=less_is_better", "tests/evidence/test_alignment.py"),
    Mutation("higher and lower swapped", _SAID, "'higher' if raw > 0 else 'lower'", "'lower' if raw > 0 else 'higher'",
             _SAID_TESTS),
    Mutation("a ratio said as a logarithm", _SAID, "100 * math.expm1(raw)", "100 * raw", _SAID_TESTS),
    Mutation("interval ends swapped", _SAID, "low, high = sorted(found.paired.interval(), key=lambda end: measure.sign",
             "low, high = sorted(found.paired.interval(), key=lambda end: -measure.sign", _SAID_TESTS),
    Mutation("what a control means swapped", _SAID,
             "control.if_so if result.outcome == 'supported' else control.if_not",
             "control.if_not if result.outcome == 'supported' else control.if_so", _SAID_TESTS),
    Mutation("a wide interval called small", _SAID, "if low > -measure.margin:", "if True:", _SAID_TESTS),
    Mutation("the other side not said", _SAID, "if high < 0:", "if False:", _SAID_TESTS),
    Mutation("planned seeds not waited for", _VERDICTS, "if found.paired.n >= claims[name].seeds else",
             "if found.paired.n >= 2 else", _VERDICT_TESTS),
    Mutation("more seeds than planned", _VERDICTS, "[: claim.seeds]", "[:99]", _VERDICT_TESTS),
    Mutation("Holm left out", _VERDICTS, "holm([each[side] for each in both])",
             "[each[side] <= 1 for each in both]", _VERDICT_TESTS),
    Mutation("supported and not supported swapped", _VERDICTS, '"supported" if supported else "not supported"',
             '"not supported" if supported else "supported"', _VERDICT_TESTS),
    Mutation("equivalence by one side only", _VERDICTS, "max(paired.p_above(-margin), paired.p_below(margin))",
             "paired.p_below(margin)", _VERDICT_TESTS),
    Mutation("a 90% interval for 95%", _PAIRED, "BEYOND, WITHIN = 0.025, 0.05", "BEYOND, WITHIN = 0.05, 0.05",
             "tests/evidence/test_paired.py"),
    Mutation("unpaired spread", _PAIRED, "self.sd / math.sqrt(self.n) if", "self.sd if",
             "tests/evidence/test_paired.py"),
    Mutation("more loss is better", _ENDS, "told.sign * (math.log(first)", "(math.log(first)", _VERDICT_TESTS),
    Mutation("points as fractions", _ENDS, "told.sign * 100 * (first - second)", "told.sign * (first - second)",
             _VERDICT_TESTS),
    Mutation("a probe read at the end whatever its arm says", _ENDS, "arm.epoch if arm.epoch is not None else int(",
             "int(", _VERDICT_TESTS),
    Mutation("crops mixed within a pair", _ENDS, "there[0].keys() & there[1].keys()", "there[0].keys()",
             _VERDICT_TESTS),
    Mutation("diverged runs left out", _ENDS, 'if ended.status == "diverged":', "if False:", _VERDICT_TESTS),
    Mutation("other images let in", _ENDS, "                continue\n", "                pass\n", _VERDICT_TESTS),
)  # fmt: skip
