"""One number of runs against another, as a browser draws it."""

from __future__ import annotations

import pandas as pd

from sgd_core.charts import scatter
from sgd_core.charts.scatter import Side
from tests.charts.drawing import LOOK, svg, texts

RUNS = pd.DataFrame(
    {"noise": [1e-6, 1e-5, 1e-4], "loss": [1e12, 20.0, 0.02], "share": [0.1, 0.5, 0.9], "seed": [0, 1, 2]}
)


def drawn(x: Side, y: Side, columns: tuple[str, str]) -> list[str]:
    frame = scatter.frame(RUNS, *columns, ["a", "b", "c"], [False, True, False])
    return texts(svg(scatter.chart(x, y, ["#0000a0", "#a00000"], LOOK), frame))


def test_numbers_far_from_one_are_powers_and_others_are_written_out() -> None:
    written = drawn(Side("μ/B", log=True), Side("test loss", log=True), ("noise", "loss"))
    assert {"1e-6", "1e-5", "1e-4"} <= {*written}
    assert {"1", "100"} <= {*written} or {"1", "10"} <= {*written}
    assert not any("00000" in text for text in written)


def test_a_share_is_in_percent_and_a_count_in_full() -> None:
    written = drawn(Side("seed"), Side("test", share=True), ("seed", "share"))
    assert sum(text.endswith("%") for text in written) >= 3
    assert {"0", "1", "2"} <= {text.removesuffix(".0") for text in written}
