"""What takes longer than a slider may: the map of stationary variance over (B, mu), and escape times over B/mu.

Every cell is simulated on its own, seeded by its settings, so it can be recomputed alone, with the simulations of the
pages (`bowl`, `valleys`); an escape time until about 10,000 walkers have crossed (1%). All cells: 130 s of one core.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from sgd_core.experiment.seeds import derive
from sgd_core.noise import bowl, chain, theory, valleys
from sgd_core.noise.landscape import Landscape, Valley

CURVATURE = 1.0
"""h of the map's bowl."""
BOWL_VARIANCE = 1.0
"""sigma^2 of the map's bowl."""
MAP_BATCHES = tuple(2**k for k in range(9))
MAP_MOMENTA = (0.0, 0.5, 0.9)
MAP_RATES_PER_LIMIT = (*(float(f"{2 ** (-k / 2):.3g}") for k in range(13, 0, -1)), 0.9, 0.98, 1.02)
"""Learning rates of the map as fractions of the stability limit 2 (1 + m) / h."""

WELLS = Landscape(Valley(1.0, 0.25), Valley(1.0, 0.25))
"""w^4/4 - w^2/2, left from w = -1 until w = +1/2 is crossed."""
WELLS_VARIANCE = 10.0
ESCAPES = (
    *((0.05, batch) for batch in (1, 2, 3, 4, 5, 6, 7, 8)),
    *((0.025, batch) for batch in (1, 2, 3)),
    *((0.1, batch) for batch in (4, 6, 8, 10, 12, 14)),
)
"""(mu, B): three learning rates over one range of B/mu."""
CROSSINGS = 10_000
ESCAPE_WALKERS = 1_000
LONGEST_ESCAPE = 2_000_000
"""Steps at most; the slowest escape then has about 7,000 crossings."""

COLUMNS = (
    "kind", "learning_rate", "batch_size", "momentum", "measured", "standard_error", "exact", "small_steps", "kramers",
    "walkers", "steps", "diverged",
)  # fmt: skip
"""`exact` is the formula for this step size, `small_steps` its limit (for escapes the first-passage integral); unit of
a variance: weight^2, of an escape: steps. `measured` is infinite where the walkers diverged."""


@dataclass(frozen=True)
class Cell:
    """One measurement; `kind` is variance or escape."""

    kind: Literal["variance", "escape"]
    learning_rate: float
    batch_size: int
    momentum: float = 0.0


def cells() -> list[Cell]:
    """All measurements of the table, in its order."""
    limits = {m: float(theory.stability_limit(CURVATURE, m)) for m in MAP_MOMENTA}
    return [
        *(
            Cell("variance", float(f"{limits[m] * part:.6g}"), batch, m)
            for m in MAP_MOMENTA
            for part in MAP_RATES_PER_LIMIT
            for batch in MAP_BATCHES
        ),
        *(Cell("escape", rate, batch) for rate, batch in ESCAPES),
    ]


def measure(cell: Cell, seed: int) -> dict[str, Any]:
    """One row of the table, with COLUMNS as keys."""
    own_seed = derive(seed, "noise", cell.kind, repr(cell.learning_rate), cell.batch_size, repr(cell.momentum))
    row = _variance(cell, own_seed) if cell.kind == "variance" else _escape(cell, own_seed)
    return {**asdict(cell), **row}


def _variance(cell: Cell, seed: int) -> dict[str, Any]:
    settings = (cell.learning_rate, cell.batch_size, CURVATURE, BOWL_VARIANCE, cell.momentum)
    size = bowl.sizes(*settings)
    walk = bowl.walk(*settings, size=size, seed=seed)
    return {
        "measured": walk.stationary.value,
        "standard_error": walk.stationary.standard_error,
        "exact": float(theory.stationary_variance(*settings)),
        "small_steps": float(theory.stationary_variance_small_steps(*settings)),
        "kramers": math.nan,
        "walkers": size.walkers,
        "steps": size.steps if walk.diverged_at is None else walk.diverged_at,
        "diverged": walk.diverged_at is not None,
    }


def _escape(cell: Cell, seed: int) -> dict[str, Any]:
    mu, batch = cell.learning_rate, cell.batch_size
    heat = float(theory.temperature(mu, batch, WELLS_VARIANCE))
    exact = chain.escape(WELLS, mu, batch, WELLS_VARIANCE)
    steps = int(np.clip(exact * CROSSINGS / ESCAPE_WALKERS, valleys.STEPS, LONGEST_ESCAPE))
    (estimate,) = valleys.escape(WELLS, mu, [batch], WELLS_VARIANCE, steps=steps, walkers=ESCAPE_WALKERS, seed=seed)
    grid = WELLS.grid(heat)
    passage = theory.first_passage_steps(grid, WELLS.slope(grid), heat, mu, -WELLS.left.width, WELLS.right.width / 2)
    kramers = theory.kramers_steps(mu, heat, WELLS.left.depth, WELLS.left.curvature, WELLS.barrier_curvature)
    return {
        "measured": estimate.value,
        "standard_error": estimate.standard_error,
        "exact": exact,
        "small_steps": float(passage),
        "kramers": float(kramers),
        "walkers": ESCAPE_WALKERS,
        "steps": steps,
        "diverged": False,
    }
