"""The sentences that say what a run would be before it is trained: totals, neighbours, and a warning."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sgd_core.evidence import divergence
from sgd_core.evidence.divergence import Steps
from sgd_core.evidence.sentences.words import duration, plain
from sgd_core.evidence.stability import Edge
from sgd_core.experiment.paper import FINAL_EPOCHS
from sgd_core.experiment.schedules import Epoch
from sgd_core.experiment.spec import RunSpec

A_TRIAL = "a trial of four epochs on the paper's images"
_WRONG = {
    divergence.DIVERGED: ("diverge", "did"),
    divergence.CHANCE: ("fall to chance", "did"),
    divergence.BLEW_UP: ("go wrong", "ended with a loss of {loss:.2g}"),
}
"""How a run ended -> what the asked one is likely to do, and what that one did."""


def totals(epochs: Sequence[Epoch], images: int, seconds: float | None) -> str:
    """What a run comes to; `seconds` that it is expected to take, None where this machine has timed nothing like it."""
    end = epochs[-1]
    return " · ".join(
        [
            f"**{end.updates:,}** updates", f"training time **T = {end.training_time:.3g}**",
            f"**{images * len(epochs):,}** images", noise(epochs),
            f"expected time: **{'unknown' if seconds is None else duration(seconds)}**",
        ]
    )  # fmt: skip


def noise(epochs: Sequence[Epoch]) -> str:
    """The noise scale mu/B of the first and the last epoch."""
    every = [epoch.learning_rate / epoch.batch_size for epoch in epochs]
    first, last = every[0], every[-1]
    if all(math.isclose(first, each, rel_tol=1e-6) for each in every):
        return f"noise scale μ/B = {first:.3g} throughout"
    return f"noise scale μ/B from {first:.3g} to {last:.3g}"


def changes(epochs: Sequence[Epoch]) -> bool:
    """Whether mu or B changes on the way: of a constant schedule there is nothing to draw."""
    return len({(epoch.learning_rate, epoch.batch_size) for epoch in epochs}) > 1


def described(epochs: Sequence[Epoch]) -> str:
    """The strips of the schedule in words, for those who do not see them."""
    return f"Learning rate, batch size and their ratio for every epoch: {noise(epochs)}."


def nearest(finals: Mapping[str, tuple[float | None, int]], papers: bool = True) -> str:
    """The nearest published runs, nearest first: title -> final accuracy and epochs; '' for none.

    A run of fewer than ten epochs has the mean of all of them. `papers`: they are on the paper's images.
    """
    named = [plain(title) + _final(*final) for title, final in finals.items()]
    if not named:
        return ""
    what = "final accuracy as the paper measures it" if papers else "final training accuracy on random crops"
    return f"Nearest published, with their {what}, the mean of the last ten epochs: {'; '.join(named)}."


def _final(final: float | None, epochs: int) -> str:
    if final is None or math.isnan(final):
        return ""
    return f" ({final:.1%})" if epochs >= FINAL_EPOCHS else f" ({final:.1%}, the mean of all its {epochs})"


def warning(found: Steps | Edge | None, spec: RunSpec, of: str = "", source: str = "") -> str:
    """That a run is likely to go wrong, saying from what; '' where nothing speaks for it.

    `of`, for Markdown, and `source` are of the run of `found`, where it is one.
    """
    if found is None:
        return ""
    if isinstance(found, Edge):
        return (
            f"This is likely to diverge: the largest curvature of the untrained network, measured in {of}, is "
            f"h = {found.curvature:.3g}, and with m = {spec.momentum:g} a step is stable up to μ = 2(1 + m)/h = "
            f"{found.learning_rate:.2g}; yours is {spec.learning_rate:g}."
        )
    would, did = _WRONG[found.end]
    who = f"{of} ({source})" if found.key else A_TRIAL
    return (
        f"This is likely to {would}: {who} {did.format(loss=found.loss)}, with μ₀ = {found.learning_rate:g}, "
        f"B = {found.batch_size} and m = {found.momentum:g}, and your steps are at least as large and as noisy."
    )
