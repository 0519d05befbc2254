"""What is said of a link that asks for what no page takes."""

from __future__ import annotations

from sgd_core.evidence.sentences.words import plain

SHOWN = 40
"""Characters of a name or value that a sentence repeats."""
SAID = 5
"""Sentences on a page."""


def left_out(name: str, value: str, trouble: str) -> str:
    """One value that was left out, and why."""
    text = f"{_cut(name)}={_cut(value)}" if value.strip() else _cut(name)
    return f"The link's {plain(text)} is left out: {trouble}."


def too_many(name: str, there: int, most: int) -> str:
    """More values of a name, or more names where it is '', than are taken."""
    what = f"values of {plain(_cut(name))}" if name else "settings"
    return f"The link has {there:,} {what}; the first {most} are taken."


def _cut(text: str) -> str:
    text = "".join(each if each.isprintable() else " " for each in text[: SHOWN + 1])
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
