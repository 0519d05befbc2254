"""A curve from elsewhere: a CSV of steps and values as other tools write it, read as numbers and nothing else.

Weights & Biases writes "Step" and "name - val_acc" with __MIN and __MAX, TensorBoard "Wall time,Step,Value", Keras and
Lightning a column a measure, spreadsheets byte-order marks, UTF-16, semicolons and decimal commas. No run is made of it
and nothing is kept: a curve is drawn beside runs and answers nothing, as nobody here knows how it was made.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sgd_core.errors import UserError

LARGEST = 2**20
"""Bytes of a file."""
MOST_ROWS, MOST_COLUMNS = 20_000, 200
SAID = 5
"""Values that a refusal names at most."""
LONGEST_LABEL = 40
LARGEST_STEP, LARGEST_VALUE = 1e12, 1e30
MOST_SHARE = 1.5
"""An accuracy above this can only be percent."""
STEPS = "steps"
"""What a column counts that is called only so: updates or epochs, which the reader says."""
COUNTED = {
    "epoch": ("epoch", "epochs"),
    "updates": ("update", "updates", "iteration", "iterations", "iter", "global step", "trainer/global step"),
    "training_time": ("t", "training time"),
    STEPS: ("step", "steps", "x"),
}
"""What is counted, by its column in the table of epochs -> the names of columns that count it."""
BATCH_SIZES = ("b", "batch size", "batchsize", "bs")
RATES = ("mu", "μ", "lr", "learning rate")
_ELSE = {
    "", "wall time", "walltime", "time", "timestamp", "runtime", "relative time (process)", "relative time (wall)",
    "date", "seed", "run", "key", "index", "unnamed: 0",
}  # fmt: skip
"""Names of columns that hold neither steps nor values."""
_GAPS = {"", "nan", "null", "none", "na", "n/a"}
"""How tools write that nothing was measured."""
_LOSSES = re.compile(r"loss|nll|entropy", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_WITH_COMMA = re.compile(r"[+-]?\d*,\d+(?:e[+-]?\d+)?%?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Table:
    """A CSV file as it is: text, and what its columns are by their names."""

    name: str
    """Of the file, without its ending."""
    cells: Mapping[str, Sequence[str]]
    rows: Sequence[int]
    """The number of every row as a spreadsheet counts: the names are row 1."""
    commas: bool
    """Whether its numbers have decimal commas."""
    counted: Mapping[str, str]
    """What is counted, as in COUNTED -> the column that does."""
    values: tuple[str, ...]
    """Columns that can be drawn, those called accuracy, loss or value first."""


@dataclass(frozen=True)
class Asked:
    """What a reader says of a table, as typed; B and mu count where the file has no column of them."""

    column: str
    steps: str = "updates"
    """What STEPS count."""
    loss: bool = False
    batch_size: str = ""
    learning_rate: str = ""


@dataclass(frozen=True)
class Curve:
    """One curve, in numbers."""

    label: str
    column: str
    loss: bool
    y: tuple[float, ...]
    along: Mapping[str, tuple[float, ...]]
    """What is counted (a column of the table of epochs) -> where every value lies; NaN where that is not said."""
    taken: str = ""
    """What STEPS were taken for, where the file says no more of them."""
    percent: bool = False
    """Whether the values were written as percent."""
    batch_size: int | None = None
    learning_rate: float | None = None
    """Known, and the same all along."""
    changing: bool = False
    """Whether its learning rate is known to change."""


def read(content: bytes, name: str, most: int = LARGEST) -> Table:
    """The table in a CSV file of at most so many bytes; raises UserError with the reason."""
    if len(content) > most:
        raise UserError(f"The CSV has {len(content):,} bytes; at most {most:,} are taken.")
    names, found, rows, delimiter = _cells(_text(content))
    cells = {each: [row[place].strip() for row in found] for place, each in enumerate(names) if each}
    commas = delimiter != "," and any(_WITH_COMMA.fullmatch(cell) for column in cells.values() for cell in column)
    counted: dict[str, str] = {}
    for column in cells:
        what = next(
            (what for what, called in COUNTED.items() if " - " not in column and _plain(column) in called), None
        )
        if what is not None and what in counted:
            raise UserError(f"The columns {counted[what]} and {column} count the same. Leave one of them out.")
        if what is not None:
            counted[what] = column
    if not counted:
        raise UserError(
            f"None of the columns {_listed(list(cells))} counts steps: one must be called step, epoch, updates or T."
        )
    values = [column for column in cells if _drawable(column, counted) and any(map(_numeric, cells[column]))]
    if not values:
        raise UserError(f"Beside {_listed(list(counted.values()))} the CSV has no column of numbers, such as value.")
    values.sort(key=lambda column: re.search(r"acc|loss|value", column, re.IGNORECASE) is None)
    return Table(_printable(re.sub(r"\.\w{1,4}$", "", name)), cells, rows, commas, counted, tuple(values))


def first(table: Table) -> Asked:
    """What a table says of itself: its first column of values, which is a loss where it or the file is called so."""
    return Asked(table.values[0], loss=is_loss(table, table.values[0]))


def is_loss(table: Table, column: str) -> bool:
    """Whether a column of values is called a loss, or the file is where the column is called value only."""
    return _LOSSES.search(table.name if _plain(column) == "value" else column) is not None


def curve(table: Table, asked: Asked) -> Curve:
    """The curve that is asked for; raises UserError that names column and row of each value that is refused."""
    faults: list[str] = []
    percent = any(cell.endswith("%") for cell in table.cells[asked.column])
    y = _numbers(table, asked.column, faults, percent)
    there = [place for place, value in enumerate(y) if value is not None]
    along = {what: _steps(table, column, there, faults) for what, column in table.counted.items()}
    for place, row in zip(there, zip(*along.values(), strict=True), strict=True):
        if all(map(math.isnan, row)):
            faults.append(f"{_at(table, place, next(iter(table.counted.values())))} is empty beside a value.")
    values = [value for value in y if value is not None]
    percent = percent or (not asked.loss and max(values, default=0) > MOST_SHARE)
    _within(table, asked, list(zip(there, values, strict=True)), percent, faults)
    rates = _set(table, RATES, there, faults) or _typed("μ", asked.learning_rate)
    sizes = _set(table, BATCH_SIZES, there, faults, whole=True) or _typed("B", asked.batch_size, whole=True)
    if faults:
        more = f" {len(faults) - SAID:,} more are refused too." if len(faults) > SAID else ""
        raise UserError(" ".join(faults[:SAID]) + more)
    if len(values) < 2:
        raise UserError(f"The column {asked.column} has {len(values)} values beside steps; a curve needs 2 at least.")
    rate = next(iter(rates)) if len(rates) == 1 else None
    taken = asked.steps if STEPS in along and asked.steps not in along else ""
    if steps := along.pop(STEPS, None):
        along.setdefault(asked.steps, steps)
    if rate is not None and "updates" in along and "training_time" not in along:
        along["training_time"] = tuple(rate * updates for updates in along["updates"])
    return Curve(
        (asked.column if len(table.values) > 1 else table.name)[:LONGEST_LABEL],
        asked.column, asked.loss, tuple(value / 100 if percent else value for value in values), along, taken, percent,
        int(next(iter(sizes))) if len(sizes) == 1 else None, rate, len(rates) > 1,
    )  # fmt: skip


def _text(content: bytes) -> str:
    """The text of a file, whatever wrote it."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = content.decode("utf-16")
        else:
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("cp1252")  # a spreadsheet on Windows
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or content.startswith(b"PK\3\4"):
        raise UserError("The file is no text. Save the sheet as CSV.")
    return re.sub(r"^sep=.\r?\n", "", text)


def _cells(text: str) -> tuple[list[str], list[list[str]], list[int], str]:
    """Names, rows, their numbers, and what stands between cells: whatever makes the most columns of the first row."""
    found: list[list[str]] = []
    rows: list[int] = []
    try:
        heads = {mark: next(csv.reader(io.StringIO(text), delimiter=mark), []) for mark in ",;\t"}
        mark = max(heads, key=lambda each: len(heads[each]))
        names = [_printable(name) for name in heads[mark]]
        _named(names)
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark), 1):
            if number == 1 or not any(cell.strip() for cell in row):
                continue
            if len(row) > len(names):
                hint = " Decimal commas need semicolons between the columns." if mark == "," else ""
                raise UserError(f"Row {number} has {len(row)} cells, but row 1 names {len(names)} columns.{hint}")
            if len(found) == MOST_ROWS:
                raise UserError(f"The CSV has more than {MOST_ROWS:,} rows. Leave some out.")
            found.append(row + [""] * (len(names) - len(row)))
            rows.append(number)
    except csv.Error as error:
        raise UserError(f"The file cannot be read as CSV: {error}.") from None
    return names, found, rows, mark


def _named(names: Sequence[str]) -> None:
    if len(names) < 2:
        raise UserError("The first row must name two columns or more, such as step,value.")
    if len(names) > MOST_COLUMNS:
        raise UserError(f"The CSV has {len(names):,} columns; at most {MOST_COLUMNS} are taken.")
    if all(_NUMBER.fullmatch(name) for name in names):
        raise UserError("The first row holds numbers. It must name the columns, such as step,value.")
    twice = [name for place, name in enumerate(names) if name and name in names[:place]]
    if twice:
        raise UserError(f"Two columns are called {twice[0]}.")


def _plain(column: str) -> str:
    """A name without what tools make of it: case, underscores, the run that W&B puts before it."""
    name = column.rsplit(" - ", 1)[-1].lower().replace("_", " ").replace("µ", "μ")
    return " ".join(name.split())


def _drawable(column: str, counted: Mapping[str, str]) -> bool:
    name = _plain(column)
    known = {*_ELSE, *BATCH_SIZES, *RATES, *(each for names in COUNTED.values() for each in names)}
    return column not in counted.values() and name not in known and not column.endswith(("__MIN", "__MAX"))


def _numeric(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.rstrip("% ")) is not None or _WITH_COMMA.fullmatch(cell) is not None


def _numbers(table: Table, column: str, faults: list[str], percent: bool = False) -> list[float | None]:
    """The numbers of a column, None where it is empty."""
    found: list[float | None] = []
    for place, cell in enumerate(table.cells[column]):
        if cell.lower() in _GAPS:
            found.append(None)
            continue
        try:
            found.append(_number(cell.rstrip("% ") if percent else cell, table.commas))
        except ValueError as error:
            faults.append(f"{_at(table, place, column)} is {_shown(cell)}, but must be a number{error}.")
            found.append(None)
    return found


def _number(cell: str, commas: bool) -> float:
    """Raises ValueError with what is to be minded."""
    if commas and "." in cell:
        raise ValueError(" with a decimal comma, as others here")
    if not commas and _WITH_COMMA.fullmatch(cell):
        raise ValueError(" with a decimal point")
    text = cell.replace(",", ".") if commas else cell
    if not _NUMBER.fullmatch(text) or abs(float(text)) > LARGEST_VALUE:
        raise ValueError("")
    return float(text)


def _steps(table: Table, column: str, there: Sequence[int], faults: list[str]) -> tuple[float, ...]:
    """Where the values lie that are there, NaN where this column is empty."""
    found = _numbers(table, column, faults)
    steps = [(place, step) for place in there if (step := found[place]) is not None]
    for place, step in steps:
        if not 0 <= step <= LARGEST_STEP:
            faults.append(f"{_at(table, place, column)} is {step:g}, but must be from 0 to {LARGEST_STEP:g}.")
    for (_, before), (place, step) in pairwise(steps):
        if step < before:
            faults.append(
                f"{_at(table, place, column)} is {step:g} after {before:g}, but steps must not fall: "
                "a file holds one curve, or a column a curve."
            )
    return tuple(math.nan if (step := found[place]) is None else step for place in there)


def _within(table: Table, asked: Asked, values: Sequence[tuple[int, float]], percent: bool, faults: list[str]) -> None:
    most = LARGEST_VALUE if asked.loss else 100 if percent else 1
    must = "at least 0, as a loss is" if asked.loss else "a share from 0 to 1 or percent from 0 to 100"
    for place, value in values:
        if not 0 <= value <= most:
            faults.append(f"{_at(table, place, asked.column)} is {value:g}, but must be {must}.")


def _set(
    table: Table, names: Sequence[str], there: Sequence[int], faults: list[str], whole: bool = False
) -> set[float]:
    """The values of B or mu that the file has; none where it has no such column."""
    column = next((column for column in table.cells if _plain(column) in names), None)
    if column is None:
        return set()
    found = _numbers(table, column, faults)
    values = [(place, value) for place in there if (value := found[place]) is not None]
    for place, value in values:
        if not _positive(value, whole):
            faults.append(f"{_at(table, place, column)} is {value:g}, but must be {_must(whole)}.")
    return {value for _, value in values}


def _typed(name: str, text: str, whole: bool = False) -> set[float]:
    """What was typed for B or mu, if anything was."""
    if not text.strip():
        return set()
    try:
        value = _number(text.strip(), "," in text)
    except ValueError:
        value = 0.0
    if not _positive(value, whole):
        raise UserError(f"{name} is {_shown(text)}, but must be {_must(whole)}, or left empty.")
    return {value}


def _positive(value: float, whole: bool) -> bool:
    return 0 < value <= LARGEST_STEP and (not whole or value.is_integer())


def _must(whole: bool) -> str:
    return f"a {'whole ' * whole}number above 0, and at most {LARGEST_STEP:g}"


def _at(table: Table, place: int, column: str) -> str:
    return f"Row {table.rows[place]}, column {column},"


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable())[:80].strip()


def _shown(value: str) -> str:
    return repr(value) if len(repr(value)) <= 40 else repr(value)[:37] + "..."


def _listed(names: Sequence[str]) -> str:
    return ", ".join([*names[:SAID], *(["and more"] if len(names) > SAID else [])])
