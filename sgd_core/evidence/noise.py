"""What the gradient noise probe measured along published runs, and what theory says of it, as tables and as fits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgd_core.noise import theory
from sgd_core.noise.statistics import Estimate

PROBE = "gradient_noise"
WITH, WITHOUT = "with replacement", "without replacement"
SAMPLED = {"with": WITH, "without": WITHOUT}


def by_epoch(measurements: pd.DataFrame) -> pd.DataFrame:
    """One row per run and epoch: the columns key, epoch and every name the probe gave."""
    rows = measurements[measurements["probe"] == PROBE]
    return rows.pivot(index=["key", "epoch"], columns="name", values="value").reset_index()


def variances(row: pd.Series) -> pd.DataFrame:
    """The measured variances of one run at one epoch: sampling, batch_size, variance, standard_error."""
    names = [name for name in row.index if name.rpartition("_")[0] in SAMPLED and name.rpartition("_")[2].isdigit()]
    table = pd.DataFrame(
        {
            "sampling": [SAMPLED[name.rpartition("_")[0]] for name in names],
            "batch_size": [int(name.rpartition("_")[2]) for name in names],
            "variance": [float(row[name]) for name in names],
            "standard_error": [float(row[f"{name}_se"]) for name in names],
        }
    )
    return table.sort_values(["sampling", "batch_size"], ignore_index=True)


def predicted(trace: float, batch_sizes: npt.ArrayLike, images: int) -> pd.DataFrame:
    """What theory says of both ways of drawing: batch_size, sampling, predicted; `trace` is tr Sigma of one example."""
    sizes = np.asarray(batch_sizes)
    ways = {
        WITH: theory.batch_gradient_variance(trace, sizes),
        WITHOUT: theory.batch_gradient_variance(trace, sizes, images),
    }
    return pd.concat(
        (pd.DataFrame({"batch_size": sizes, "sampling": way, "predicted": values}) for way, values in ways.items()),
        ignore_index=True,
    )


def slope(table: pd.DataFrame) -> Estimate:
    """The slope of log variance over log batch size by weighted least squares, with its standard error."""
    x = np.log(table["batch_size"].to_numpy(dtype=float))
    y = np.log(table["variance"].to_numpy(dtype=float))
    weights = (table["variance"].to_numpy(dtype=float) / table["standard_error"].to_numpy(dtype=float)) ** 2
    centred = x - np.average(x, weights=weights)
    spread = float(np.sum(weights * centred**2))
    return Estimate(float(np.sum(weights * centred * y)) / spread, 1 / spread**0.5)
