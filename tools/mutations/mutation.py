"""What a deliberate mistake is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """A mistake: in which file, what is replaced by what (once), and which tests should notice."""

    words: str
    file: str
    old: str
    new: str
    tests: str
