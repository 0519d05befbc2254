"""What is said of the images that a run still gets wrong at its end: pure functions from counts to text."""

from __future__ import annotations

from collections.abc import Sequence

from sgd_core.evidence.sentences.words import are, percent
from sgd_core.evidence.wrong import Found

OF = {"test": "test", "val": "validation", "train": "training"}
"""Split -> how a text calls its images."""


def whose(run: str, seed: int, views: int, own: bool) -> str:
    """Which run it is that was measured, and whether the curve is of it."""
    other = "" if own else " The curve is of other runs with these settings."
    return f"At the end of {run}, seed {seed}, V={views}: one run.{other}"


def told(
    split: str,
    found: Found,
    confused: tuple[str, str, int] | None,
    twins: int | None,
    in_all: int | None,
    runs: int,
) -> str:
    """How many of how many are wrong; of them those with a near-twin in training, and those wrong in all runs.

    `confused`: class, what it is most often taken for, how often. `twins`: None where it is not known, `in_all` where
    fewer than two runs can be compared; `runs` of them are.
    """
    if found.wrong == 0:
        return f"None of the {found.images:,} {OF[split]} images is wrong."
    share = percent(found.wrong / found.images)
    said = f"**{found.wrong:,} of {found.images:,}** {OF[split]} images {are(found.wrong)} wrong ({share})."
    if not found.whole:
        return f"{said} So many are not kept one by one."
    if confused is not None:
        true, taken, times = confused
        said += f" Most often {true} is taken for {taken}: {times} times."
    if twins is not None:
        said += f" {_of_them(twins, found.wrong)} a near-twin among the training images."
    if in_all is not None:
        said += f" {_wrong_in_all(in_all, found.wrong)} in {'both' if runs == 2 else f'all {runs}'} runs compared here."
    return said


def _of_them(number: int, of: int) -> str:
    if of == 1:
        return "It has" if number else "It does not have"
    return f"{number or 'None'} of them {'have' if number > 1 else 'has'}"


def _wrong_in_all(number: int, of: int) -> str:
    if of == 1:
        return "It is wrong" if number else "It is not wrong"
    return f"{number or 'None'} of them {'are' if number > 1 else 'is'} wrong"


def said_of(true: str, said: str) -> str:
    """What a photograph is, and what it is taken for, for those who cannot see it."""
    return f"{true}, taken for {said}"


def marks(twin: bool, everywhere: bool) -> str:
    """Below a photograph: whether it has a near-twin in training, and whether all compared runs get it wrong."""
    return ", ".join(said for said, holds in (("near-twin", twin), ("in all runs", everywhere)) if holds)


def class_name(names: Sequence[str] | None, index: int) -> str:
    """A class by its name, or by its place among the classes where the images are not known here."""
    return names[index] if names is not None and index < len(names) else f"class {index + 1}"


def cut(shown: int, of: int) -> str:
    """That only the first are shown; '' where all are."""
    return f"The first {shown} of {of:,} are shown." if of > shown else ""


def not_measured(run: str, command: str) -> str:
    """That it is not known, and how it is made."""
    return f"Which images {run} still gets wrong is not measured yet: `{command}`."
