"""What the page on the real network says: noise against B, what dropout adds, where noise equals signal."""

from __future__ import annotations

import pandas as pd

from sgd_core.evidence.sentences import badges
from sgd_core.noise.agreement import Agreement

PARAMETERS = "9.6 million"
"""Of the head that the paper trains."""


def variance_described(slope: Agreement) -> str:
    """The picture of the variance in words."""
    return f"Variance of the batch gradient against B, measured and predicted. {badges.compared(slope)}"


def doubling(slope: float, dropout: float, dropout_error: float, total: float) -> str:
    """What twice the batch does to the variance, and dropout's part of the variance of one image's gradient.

    `slope` is the fitted one on log-log axes; the others are tr Sigma of dropout, its standard error, and of both.
    """
    return (
        f"Doubling B multiplies the variance by {2**slope:.2f} here, on {PARAMETERS} parameters. Training "
        "adds a second noise, which B averages just as well: **dropout**. It makes up "
        f"**{dropout / total:.0%}** of the per-image variance that training sees (tr Σ of dropout "
        f"{dropout:.3g} ± {float(f'{dropout_error:.1g}'):g}, of both {total:.3g})."
    )


def ends(measured: pd.DataFrame) -> str:
    """B_simple at each run's last measured epoch, runs in their order: columns run, epoch and noise_scale."""
    last = measured.loc[measured.groupby("run", sort=False)["epoch"].idxmax()]
    return ", ".join(
        f"{row['noise_scale']:,.0f} {_when(int(row['epoch']))} of {row['run']}" for row in last.to_dict("records")
    )


def scale(measured: pd.DataFrame) -> str:
    """The same, and what it means for a batch."""
    return (
        f"**B_simple**, the batch size at which noise and signal are equal, is {ends(measured)}. A batch well above it "
        "is spent on averaging noise that is small already; one well below it steps mostly by noise (McCandlish et al. "
        "1812.06162)."
    )


def scale_described(measured: pd.DataFrame) -> str:
    """The picture of signal and noise in words."""
    return f"tr Sigma, |G| squared and B_simple along training. B_simple is {ends(measured)}."


def _when(epoch: int) -> str:
    return "before training" if epoch < 0 else f"after epoch {epoch}"
