"""What is said of a link that asks for what no page takes."""

from __future__ import annotations

from collections.abc import Sequence

from sgd_core.evidence.sentences.words import are, plain

SHOWN = 40
"""Characters of a name or value that a sentence repeats."""
MOST_NAMED = 24
"""Of what a control offers; more are counted."""
SAID = 5
"""Sentences on a page."""


def left_out(name: str, value: str, trouble: str) -> str:
    """One value that was left out, and why."""
    text = f"{_cut(name)}={_cut(value)}" if value.strip() else _cut(name)
    return f"The link's {plain(text)} is left out: {trouble}."


def offered(names: Sequence[str], limits: tuple[float, float] | None) -> str:
    """What a control takes: one of some names, or a number within limits."""
    if limits is not None:
        return f"from {limits[0]:g} to {limits[1]:g}"
    if len(names) > MOST_NAMED:
        return f"one of the {len(names)} that are offered"
    return ", ".join(map(plain, names[:-1])) + " or " + plain(names[-1]) if len(names) > 1 else ", ".join(names)


def not_offered(allowed: str, used: Sequence[str]) -> str:
    """Why a value that a control does not offer is left out, and what is used in its place."""
    instead = f"{plain(', '.join(used))} {are(len(used))} used" if used else "nothing is chosen"
    return f"it can be {allowed}; {instead}" if allowed else instead


def too_many(name: str, there: int, most: int) -> str:
    """More values of a name, or more names where it is '', than are taken."""
    what = f"values of {plain(_cut(name))}" if name else "settings"
    return f"The link has {there:,} {what}; the first {most} are taken."


def _cut(text: str) -> str:
    text = "".join(each if each.isprintable() else " " for each in text[: SHOWN + 1])
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
