"""Clouds: one setting of SGD on the bowl, what its walkers did, and what theory says of where they settle.

Two clouds of a page share the 5 million walker-steps that `bowl.sizes` would give to each (2 x 50 ms), with at most
1,500 steps of burn-in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sgd_core.noise import bowl, theory
from sgd_core.noise.bowl import BowlWalk, Sizes

LONGEST_BURN_IN = 1500
SPANS = (8.0, 32.0, 128.0, 512.0)
"""Times, mu times steps, at which a picture may end."""
FORGOTTEN = 0.05


@dataclass(frozen=True)
class Cloud:
    """A setting of SGD with momentum on h w^2 / 2, and what its walkers did."""

    name: str
    learning_rate: float
    batch_size: int
    curvature: float
    variance: float
    """sigma^2 of one example's gradient."""
    momentum: float
    walk: BowlWalk
    long_enough: bool
    """Whether the burn-in was as long as the start needs to be forgotten."""
    summed: bool = False
    """Whether the learning rate is written for the sum of a batch's gradients, not their mean."""

    @property
    def written(self) -> float:
        """The learning rate as it is written: mu, or mu / B for a sum."""
        return self.learning_rate / self.batch_size if self.summed else self.learning_rate

    @property
    def exact(self) -> float:
        """The stationary variance; infinite at the edge and beyond."""
        return float(theory.stationary_variance(*self._settings)) if self.stable else math.inf

    @property
    def kick(self) -> float:
        """What noise adds in a unit of time."""
        return float(theory.kick(self.learning_rate, self.batch_size, self.variance, self.momentum))

    @property
    def forgetting(self) -> float:
        """Which share the cloud loses in a unit of time."""
        return float(theory.forgetting(self.learning_rate, self.curvature, self.momentum))

    @property
    def small_steps(self) -> float:
        """Its limit of small steps, which knows only mu/B."""
        return float(theory.stationary_variance_small_steps(*self._settings))

    @property
    def noise(self) -> float:
        """mu/B."""
        return self.learning_rate / self.batch_size

    @property
    def of_limit(self) -> float:
        """mu as a share of the stability limit."""
        return self.learning_rate / float(theory.stability_limit(self.curvature, self.momentum))

    @property
    def largest_batch(self) -> float:
        """The batch size at which mu, scaled along, meets the stability limit."""
        return float(theory.largest_scaled_batch(self.learning_rate, self.batch_size, self.curvature, self.momentum))

    @property
    def at_edge(self) -> bool:
        """Whether mu is the stability limit itself, up to rounding."""
        return math.isclose(self.of_limit, 1, rel_tol=1e-9)

    @property
    def stable(self) -> bool:
        """Whether there is a cloud: below the stability limit, whatever so many walkers did in so many steps."""
        return self.of_limit < 1 and not self.at_edge

    @property
    def _settings(self) -> tuple[float, float, float, float, float]:
        return self.learning_rate, self.batch_size, self.curvature, self.variance, self.momentum


def sizes(
    learning_rate: float, batch_size: int, curvature: float, variance: float, momentum: float, end: float = 0.0
) -> Sizes:
    """Walkers and steps for one of two clouds, whose picture ends at the time `end`."""
    planned = bowl.sizes(learning_rate, batch_size, curvature, variance, momentum)
    burn_in = min(planned.burn_in, LONGEST_BURN_IN)
    steps = max(2 * burn_in, math.ceil(end / learning_rate))
    walkers = max(bowl.FEWEST_WALKERS, min(bowl.MOST_WALKERS, bowl.WALKER_STEPS // 2 // steps))
    return Sizes(walkers, burn_in, steps, planned.long_enough and burn_in == planned.burn_in)


def span(rates: Sequence[float], curvature: float, momentum: float) -> float:
    """Where a picture of clouds with these learning rates ends: one of few times, so that its axis keeps still.

    The shortest of SPANS in which all that are stable forget all but FORGOTTEN of their start; the first for none.
    """
    kept = {rate: float(theory.contraction(rate, curvature, momentum)) for rate in rates}
    needed = [rate * math.log(FORGOTTEN) / math.log(max(share, 1e-9)) for rate, share in kept.items() if share < 1]
    return next((end for end in SPANS if end >= max(needed, default=0)), SPANS[-1])


def shared_end(first: Cloud, second: Cloud) -> float:
    """The time, mu times steps, at which a picture of both ends: where the first stable walk does, if there is one."""
    lengths = {each.name: (len(each.walk.variance) - 1) * each.learning_rate for each in (first, second)}
    stable = [lengths[each.name] for each in (first, second) if each.stable]
    return min(stable) if stable else max(lengths.values())
