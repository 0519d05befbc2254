"""`mutations`: does a test notice? Deliberate mistakes in sentences and statistics, made one by one in a copy.

Each is a small edit that a hurried hand could make: best and worst swapped, points said as fractions, momentum ignored,
a test at the wrong level. The tests named with it must then fail; one that does not is a hole.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from sgd_core import settings
from sgd_core.errors import UserError


@dataclass(frozen=True)
class Mutation:
    """A mistake: in which file, what is replaced by what (once), and which tests should notice."""

    words: str
    file: str
    old: str
    new: str
    tests: str


_FIGURE, _FIGURE_TESTS = "sgd_core/evidence/figure_sentences.py", "tests/evidence/test_figure_sentences.py"
_SAID, _SAID_TESTS = "sgd_core/evidence/sentences.py", "tests/evidence/test_sentences.py"
_VERDICTS, _VERDICT_TESTS = "sgd_core/evidence/verdicts.py", "tests/evidence/test_verdicts.py"
_ENDS, _PAIRED = "sgd_core/evidence/ends.py", "sgd_core/evidence/paired.py"
_PLAN, _PLAN_TESTS = "sgd_core/experiment/schedules.py", "tests/experiment/test_schedules.py"
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
    Mutation("T halved", _PLAN, "accumulate(mu * n for mu, n", "accumulate(mu * n / 2 for mu, n", _PLAN_TESTS),
    Mutation("momentum ignored", _PLAN, "mu * (n - momentum_still_cold(momentum, total - n, n))", "mu * n",
             _PLAN_TESTS),
    Mutation("momentum warm one update early", _PLAN, "momentum ** (first + 1)", "momentum**first", _PLAN_TESTS),
    Mutation("cosine that ends at zero", _PLAN, "math.cos(math.pi * k / epochs)",
             "math.cos(math.pi * k / (epochs - 1 or 1))",
             _PLAN_TESTS),
    Mutation("warm-up one epoch too long", _PLAN, "(spec.warmup_epochs + 1)", "(spec.warmup_epochs + 2)", _PLAN_TESTS),
    Mutation("time-based as Keras has it", _PLAN, "lambda mu, k: mu / (1 + k * d)",
             "lambda mu, k: spec.learning_rate / (1 + k * d)",
             _PLAN_TESTS),
)  # fmt: skip


def mutations() -> None:
    """Make each mistake in a copy of the project and see whether its tests fail; exits with 1 where one does not."""
    console, missed = Console(highlight=False), 0
    with tempfile.TemporaryDirectory(prefix="sgd-mutations-") as place:
        copy = Path(place) / "project"
        wanted = ("sgd_core", "tools", "tests", "pyproject.toml", "app.py", "pages", "cached_runs")
        copy.mkdir()
        for name in wanted:
            source = settings.ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, copy / name)
        for tests in sorted({mutation.tests for mutation in MUTATIONS}):
            if _run(tests, copy) != 0:
                raise UserError(f"{tests} fails without any mistake.")
        for mutation in MUTATIONS:
            noticed = _noticed(mutation, copy)
            missed += not noticed
            console.print(f"{'noticed' if noticed else 'MISSED '}  {mutation.words}", soft_wrap=True)
    console.print(f"{len(MUTATIONS) - missed} of {len(MUTATIONS)} mistakes were noticed.")
    if missed:
        raise UserError(f"{missed} mistakes went unnoticed: their tests have a hole.")


def _noticed(mutation: Mutation, copy: Path) -> bool:
    file = copy / mutation.file
    before = file.read_text(encoding="utf-8")
    if before.count(mutation.old) < 1:
        raise UserError(
            f"The mistake '{mutation.words}' has no place any more: {mutation.file} lacks {mutation.old!r}."
        )
    file.write_text(before.replace(mutation.old, mutation.new, 1), encoding="utf-8")
    try:
        return _run(mutation.tests, copy) == 1
    finally:
        file.write_text(before, encoding="utf-8")


def _run(tests: str, copy: Path) -> int:
    """pytest's exit status: 0 all pass, 1 some fail, others mean that it could not run them."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", tests]
    return subprocess.run(command, cwd=copy, capture_output=True, check=False).returncode
