"""The two valleys that a reader shapes: walks in them, and what is known of walks, each kept for all visitors.

Six batch sizes with 250 walkers each take 2,048 steps (3 million walker-steps, 53 ms), so that mu/B is an axis and not
a slider. Escapes longer than LONGEST_LIVE would need more walkers than a slider's answer allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgd_core.evidence.sentences.valleys import Scene
from sgd_core.noise import chain, theory, valleys
from sgd_core.noise.landscape import Landscape, Noise, Valley
from sgd_core.noise.statistics import Estimate
from sgd_core.noise.theory import FloatArray
from sgd_core.noise.valleys import ValleyWalk
from sgd_core.ui.shell.shared import shared

RATE = 0.05
VARIANCE = 20.0
BATCHES = [1, 2, 4, 8, 12, 16]
NOISE = np.array([RATE / batch for batch in BATCHES])
"""mu/B of each of BATCHES."""
DENSE = np.geomspace(NOISE[-1], NOISE[0], 30)
WALKERS, DOUBLINGS = 250, 11
STEPS = 2**DOUBLINGS
FRAMES = 60
FRAME_STEPS = [round(STEPS * (frame / FRAMES) ** 2) for frame in range(FRAMES + 1)]
"""Steps shown, closer together at the start, where a walker crosses its valley in a few steps."""
DEEPER = 0.1
"""How much deeper the sharp valley is in the scene where it is."""
YOURS = " (yours)"
LIVE_WALKERS = 300
LONGEST_LIVE = 1500
"""Steps of the longest mean escape that is measured while a slider moves."""


@dataclass(frozen=True)
class Setting:
    """What the reader shaped."""

    landscape: Landscape
    noise: Noise

    def heat(self, noise_level: float | FloatArray) -> FloatArray:
        """Tm at mu/B, under constant noise."""
        return np.asarray(theory.temperature(noise_level, 1.0, VARIANCE))


@shared
def walk(setting: Setting, seed: int) -> ValleyWalk:
    """Walkers at each of BATCHES; kept are the positions at FRAME_STEPS."""
    return valleys.walk(
        setting.landscape, RATE, BATCHES, VARIANCE, setting.noise, steps=STEPS, walkers=WALKERS, keep=FRAME_STEPS,
        seed=seed,
    )  # fmt: skip


def shares_right(setting: Setting, places: npt.NDArray[np.float32]) -> FloatArray:
    """The share right of the barrier at each moment of `places` (moments, walkers), of walkers not thrown out; 0 where
    none is left."""
    low, high = -valleys.CLIP * setting.landscape.left.width, valleys.CLIP * setting.landscape.right.width
    inside = (places > np.float32(low)) & (places < np.float32(high))
    return np.asarray(((places > 0) & inside).sum(axis=1) / np.maximum(inside.sum(axis=1), 1))


def scenes(setting: Setting, names: Sequence[str]) -> list[Scene]:
    """Three scenes with the widths of `setting`, by `names`: equal depth, the sharp valley deeper, noise as curvature.

    The setting itself comes first where it is none of them.
    """
    left, right = setting.landscape.left, setting.landscape.right
    depth = min(left.depth, right.depth)
    level = Landscape(Valley(left.width, depth), Valley(right.width, depth))
    deeper = [depth + DEEPER * (one.width < other.width) for one, other in ((left, right), (right, left))]
    sharp = Landscape(Valley(left.width, deeper[0]), Valley(right.width, deeper[1]))
    each = [Setting(level, "constant"), Setting(sharp, "constant"), Setting(level, "curvature")]
    mine = [name + YOURS * (one == setting) for name, one in zip(names, each, strict=True)]
    found = [_scene(name, one) for name, one in zip(mine, each, strict=True)]
    return found if setting in each else [_scene("Your valleys", setting), *found]


def _scene(name: str, setting: Setting) -> Scene:
    shares = small_steps(setting)[0][[0, -1]]
    landscape = setting.landscape
    flat = shares if landscape.right.curvature < landscape.left.curvature else 1 - shares
    return Scene(name, landscape, setting.noise, float(flat[0]), float(flat[1]))


@shared
def live_escapes(setting: Setting, batches: tuple[int, ...], seed: int) -> list[Estimate]:
    """The mean escape measured at each of `batches`."""
    return valleys.escape(
        setting.landscape, RATE, batches, VARIANCE, setting.noise, steps=STEPS, walkers=LIVE_WALKERS,
        seed=seed + 10_000,
    )  # fmt: skip


@shared
def law(setting: Setting) -> tuple[list[float], list[float]]:
    """For each of BATCHES the exact occupancy over the second half of the steps, and the exact mean escape."""
    settings = [(setting.landscape, RATE, batch, VARIANCE, setting.noise) for batch in BATCHES]
    shares = [float(chain.occupancy(*one, doublings=DOUBLINGS).second_half[-1]) for one in settings]
    return shares, [chain.escape(*one) for one in settings]


@shared
def small_steps(setting: Setting) -> tuple[FloatArray, FloatArray]:
    """Over DENSE the stationary share of the right valley, and the mean escape of the first-passage integral."""
    landscape = setting.landscape
    heat = setting.heat(DENSE)
    grid = landscape.grid(float(heat.max()), setting.noise, points=1001)
    slope, heats = landscape.slope(grid), landscape.temperature(grid, heat, setting.noise)
    stop = landscape.right.width / 2
    return (
        theory.occupancy(grid, slope, heats, 0.0),
        theory.first_passage_steps(grid, slope, heats, RATE, -landscape.left.width, stop),
    )
