"""Lab or explore: whether this installation may start runs and change what it keeps. Asked by the core, not by pages.

Explore is SGD_MODE=explore, and any installation without torch. The server never imports torch; it only looks for it.
"""

from __future__ import annotations

from importlib.util import find_spec

from sgd_core import settings
from sgd_core.errors import UserError


class ExploreOnlyError(UserError):
    """Something that only a lab may do was asked of an installation that only replays."""


def why_explore() -> str | None:
    """Why this installation only replays, in a sentence; None where it is a lab."""
    if settings.explore_only():
        return "Training is switched off here (SGD_MODE=explore)."
    if find_spec("torch") is None:
        return "Training needs torch, which is not installed here (pip install -r requirements.txt)."
    return None


def require_lab(what: str) -> None:
    """Raise ExploreOnlyError, naming what was refused, where this installation only replays."""
    reason = why_explore()
    if reason is not None:
        raise ExploreOnlyError(f"{reason} {what} is refused.")
