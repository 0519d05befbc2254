"""Clouds: one setting of SGD on the bowl, what its walkers did, and what theory says of where they settle.

Two clouds of a page share the 5 million walker-steps that `bowl.sizes` would give to each (2 x 50 ms), with at most
1,500 steps of burn-in.
"""

from __future__ import annotations

from dataclasses import dataclass

from sgd_core.noise import bowl, theory
from sgd_core.noise.bowl import BowlWalk, Sizes

LONGEST_BURN_IN = 1500


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

    @property
    def exact(self) -> float:
        """The stationary variance; infinite where unstable."""
        return float(theory.stationary_variance(*self._settings))

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
    def stable(self) -> bool:
        """Whether the walkers stayed."""
        return self.walk.diverged_at is None

    @property
    def _settings(self) -> tuple[float, float, float, float, float]:
        return self.learning_rate, self.batch_size, self.curvature, self.variance, self.momentum


def sizes(learning_rate: float, batch_size: int, curvature: float, variance: float, momentum: float) -> Sizes:
    """Walkers and steps for one of two clouds."""
    planned = bowl.sizes(learning_rate, batch_size, curvature, variance, momentum)
    burn_in = min(planned.burn_in, LONGEST_BURN_IN)
    walkers = max(bowl.FEWEST_WALKERS, min(bowl.MOST_WALKERS, bowl.WALKER_STEPS // 2 // (2 * burn_in)))
    return Sizes(walkers, burn_in, 2 * burn_in, planned.long_enough and burn_in == planned.burn_in)


def shared_end(first: Cloud, second: Cloud) -> float:
    """The time, mu times steps, at which a picture of both ends: where the first stable walk does, if there is one."""
    lengths = {each.name: (len(each.walk.variance) - 1) * each.learning_rate for each in (first, second)}
    stable = [lengths[each.name] for each in (first, second) if each.stable]
    return min(stable) if stable else max(lengths.values())
