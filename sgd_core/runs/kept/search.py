"""Finding runs by words: `B=16 exponential r=1`, `mu<=1e-3 seed=0..4`, or the name of a run as a table writes it.

Every word narrows. `name=value` is the setting itself, so that B=16 does not find 160, and holds only in runs that the
setting matters for: every run has an s, but s=0.5 finds those of the step schedule. A word alone begins a word of what
a run is called or set to, or a key.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sgd_core.errors import UserError
from sgd_core.experiment.schedules import SCHEDULES, fields_read
from sgd_core.experiment.spec import RunSpec

LONGEST, MOST = 300, 24
"""Characters and words; a search is asked for in a link, by anyone."""
SHOWN = 40
"""Characters of a wrong word that a sentence repeats."""

NUMBERS = {
    "B": "batch_size", "mu": "learning_rate", "mu_0": "learning_rate", "mu/B": "noise", "m": "momentum",
    "s": "step_decay", "r": "decay_rate", "N_dec": "decay_every", "s_B": "batch_growth", "warm-up": "warmup_epochs",
    "epochs": "epochs", "updates": "end_updates", "T": "end_time", "T_eff": "end_effective", "seed": "seed",
    "V": "views", "v": "weight_noise", "dropout": "dropout", "wrong": "label_noise", "per_class": "images_per_class",
    "paper": "final_reported_accuracy", "validation": "final_val_accuracy", "test": "final_test_accuracy",
    "loss": "final_train_loss", "val_loss": "final_val_loss", "test_loss": "final_test_loss",
}  # fmt: skip
"""What a number is called in a search -> its column of Store.runs."""
TEXTS = {
    "schedule": "schedule", "data": "dataset", "features": "features", "head": "head", "from": "source",
    "ended": "status", "key": "key", "device": "device", "commit": "commit", "crops": "augment", "name": "name",
    "note": "note",
}  # fmt: skip
"""What a text is called -> its column."""
_BARE = ("dataset", "features", "head", "source", "status", "name", "note", "key")
"""The columns of which a word alone may begin a word; besides them the schedule, as a run's name has it."""

_PHRASES = (
    (r"\bseed (\d+)", r"seed=\1"),
    (r"\b(\d+) epochs\b(?!\s*[<>=])", r"epochs=\1"),
    (r"\b(\d+) updates\b(?!\s*[<>=])", r"updates=\1"),
    (r"\bwarm-up (\d+)", r"warm-up=\1"),
    (r"\bdropout ([\d.]+)", r"dropout=\1"),
    (r"([\d.]+%) wrong labels\b", r"wrong=\1"),
    (r"\b(\d+) images a class\b", r"per_class=\1"),
    (r"\bno crops\b", "crops=false"),
    (r"\b([a-z]+) head\b(?!\s*[<>=])", r"head=\1"),
    (r"\s*(<=|>=|=|<|>)\s*", r"\1"),
)
"""How names.name_of writes what has no sign of its own -> the same as a word of a search."""
_COMPARED = re.compile(r"([^<>=]+)(<=|>=|=|<|>)(.*)")
_HOW: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
Mask = pd.Series


@dataclass(frozen=True)
class _Compared:
    """One `name sign value` of a search."""

    name: str
    sign: str
    value: str


def found(runs: pd.DataFrame, text: str) -> pd.DataFrame:
    """The rows of Store.runs for which every word of `text` holds; raises UserError for a word that cannot be one."""
    if len(text) > LONGEST:
        raise UserError(f"The search has {len(text)} characters, but may have {LONGEST} at most.")
    words = _words(text)
    if len(words) > MOST:
        raise UserError(f"The search has {len(words)} words, but may have {MOST} at most.")
    mask = pd.Series(True, index=runs.index)
    for word in words:
        mask &= _one(runs, word)
    return runs[mask]


def alone(runs: pd.DataFrame, text: str) -> dict[str, int]:
    """How many rows each word of a search holds for by itself, for a reader whose search found none."""
    return {word: int(_one(runs, word).sum()) for word in _words(text)}


def _one(runs: pd.DataFrame, word: str) -> Mask:
    compared = _COMPARED.fullmatch(word)
    return _holds(runs, _Compared(*compared.groups())) if compared else _bare(runs, word)


def naming(specs: Sequence[RunSpec]) -> str:
    """A search that finds these runs: what is the same in all of them, and the range of what is not.

    It finds others too where only a text differs, or whether a setting matters.
    """
    settings = [spec.settings() for spec in specs]
    words = []
    for name, column in {**NUMBERS, "updates": "updates", **TEXTS}.items():
        values = [each[column] for each in settings if each.get(column) is not None]
        if len(values) < len(specs) or name == "mu_0":
            continue
        low, high = min(values), max(values)
        if low == high:
            words.append(f"{name}={low:g}" if name in NUMBERS else f"{name}={str(low).lower()}")
        elif name in NUMBERS:
            words.append(f"{name}={low:g}..{high:g}")
    return " ".join(words)


def _words(text: str) -> list[str]:
    text = text.replace("μ", "mu").replace("µ", "mu").replace("₀", "_0").replace("≤", "<=").replace("≥", ">=")
    for pattern, word in _PHRASES:
        text = re.sub(pattern, word, text)
    return re.split(r"[\s,]+", text.strip(", \t\n")) if text.strip(", \t\n") else []


def _holds(runs: pd.DataFrame, asked: _Compared) -> Mask:
    name = _known(asked.name)
    if name in TEXTS:
        return _text_is(runs[TEXTS[name]], asked)
    column = NUMBERS[name]
    values = runs[column].astype("Float64")
    low, high = _range(name, asked)
    if asked.sign == "=":
        mask = (values >= low - _error(asked.value, low)) & (values <= high + _error(asked.value, high))
    else:
        mask = _HOW[asked.sign](values, low)
    return mask.fillna(False).astype(bool) & _matters(runs, column)


def _known(name: str) -> str:
    """The name as NUMBERS and TEXTS have it; in other case too, where that is one name only."""
    names = [*NUMBERS, *TEXTS]
    if name in names:
        return name
    same = [each for each in names if each.lower() == name.lower()]
    if len(same) == 1:
        return same[0]
    raise UserError(f"{_cut(name)} is no column of the runs; it can be one of {', '.join(names)}.")


def _range(name: str, asked: _Compared) -> tuple[float, float]:
    """Lowest and highest value that is asked for; all but `=` have one."""
    parts = asked.value.split("..") if asked.sign == "=" else [asked.value]
    try:
        numbers = [float(part.removesuffix("%")) / (100 if part.endswith("%") else 1) for part in parts]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 2 or not np.isfinite(numbers).all():
        raise UserError(
            f"{name} is {_cut(asked.value)!r}, but must be a number or a range, as in {name}=16, {name}>=16 or "
            f"{name}=16..64."
        )
    return numbers[0], numbers[-1]


def _error(text: str, number: float) -> float:
    """How far a value may be from how a run's name rounds it: six digits, or whole percents."""
    return 0.005 if text.endswith("%") else 1e-5 * abs(number)


def _text_is(values: pd.Series, asked: _Compared) -> Mask:
    if asked.sign != "=":
        raise UserError(f"{asked.name} is a text: it can be asked for by = only, as in {asked.name}={asked.value}.")
    texts = values.astype("string").str.lower().fillna("")
    wanted = asked.value.lower()
    return texts.str.startswith(wanted) if wanted else texts == ""


def _matters(runs: pd.DataFrame, column: str) -> Mask:
    """Where a setting is read: some only by some schedules, epochs not by runs that stop at a number of updates."""
    if column == "epochs":
        return runs["updates"].isna()
    if not any(column in schedule.fields for schedule in SCHEDULES.values()):
        return pd.Series(True, index=runs.index)
    read = {(name, grows): column in fields_read(name, 1.0 + grows) for name in SCHEDULES for grows in (False, True)}
    grows = runs["batch_growth"] > 1
    return pd.Series([read[each] for each in zip(runs["schedule"], grows)], index=runs.index)


def _bare(runs: pd.DataFrame, word: str) -> Mask:
    """Runs of which a word begins so."""
    pattern = r"(?<!\w)" + re.escape(word.lower())
    begins = {name: _title(name).startswith(word.lower()) for name in SCHEDULES}
    mask = runs["schedule"].map(begins).astype(bool)
    for column in _BARE:
        mask |= runs[column].astype("string").str.lower().str.contains(pattern, regex=True).fillna(False).astype(bool)
    return mask


def _title(schedule: str) -> str:
    """A schedule as names of runs have it: 'time-based' for time; its own name where they need no word."""
    return SCHEDULES[schedule].title(RunSpec()) or schedule


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
