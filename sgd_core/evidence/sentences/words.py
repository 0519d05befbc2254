"""Words that sentences of several pages use: counts, lengths of time, a reader's own text."""

from __future__ import annotations

import re
from collections.abc import Sequence


def counted(number: int, noun: str = "run") -> str:
    """'1 run', '2 runs'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def are(number: int) -> str:
    """'is' for one, else 'are'."""
    return "is" if number == 1 else "are"


def duration(seconds: float) -> str:
    """Seconds as a reader counts them: '40 s', '12 min', '2.5 h'."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def listed(texts: Sequence[str]) -> str:
    """'one', 'one and two', 'one, two and three'."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def percent(share: float) -> str:
    """A share in whole percent, which says 0% and 100% only where nothing and everything is meant."""
    if 0 < share < 0.005:
        return "less than 1%"
    if 0.995 <= share < 1:
        return "more than 99%"
    return f"{share:.0%}"


def plain(text: str) -> str:
    """A reader's text for Markdown, every sign of which is then only a sign, and an address no link.

    Markdown finds addresses after it has read escapes, so a word joiner, which nobody sees, parts them.
    """
    text = re.sub(r"(?i)(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", "\u2060", text)
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>$:~&])", r"\\\1", text)
