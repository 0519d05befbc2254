"""Time-based decay twice: the paper's recursion beside Keras's closed form, as shares of mu_0."""

from __future__ import annotations

import pandas as pd

from sgd_core.charts.look import Look, Spec
from sgd_core.experiment import equivalence
from sgd_core.experiment.spec import RunSpec

PAPER, KERAS = "the paper: μ_k+1 = μ_k / (1 + k d)", "Keras: μ_k = μ₀ / (1 + k d)"


def frame(spec: RunSpec) -> pd.DataFrame:
    """A row for every epoch of either decay, for the mu_0 and the epochs of `spec`, warm-up left out."""
    rates = {PAPER: equivalence.paper_time_decay(spec), KERAS: equivalence.keras_time_decay(spec)}
    rows = [(name, k, rate / spec.learning_rate) for name, every in rates.items() for k, rate in enumerate(every)]
    table = pd.DataFrame(rows, columns=["which", "epoch", "share"])
    return table.astype({"which": "category", "epoch": "int16", "share": "float32"})


def chart(look: Look) -> Spec:
    """The description that draws it."""
    return {
        "height": 150,
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "x": {"field": "epoch", "type": "quantitative", "title": "epoch k", "scale": {"nice": False}},
            "y": {
                "field": "share", "type": "quantitative", "title": "μ_k / μ₀", "scale": {"domain": [0, 1]},
                "axis": {"format": ".0%", "tickCount": 4},
            },
            "color": {
                "field": "which", "type": "nominal",
                "scale": {"domain": [PAPER, KERAS], "range": list(look.accents[:2])},
                "legend": {"title": None, "orient": "top", "columns": 1},
            },
        },
        "config": look.config(),
    }  # fmt: skip
