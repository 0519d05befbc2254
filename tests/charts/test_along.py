"""What probes measured along runs: where along the axis it lies, and shares with their errors at their borders."""

from __future__ import annotations

import pandas as pd
import pytest

from sgd_core.charts import along
from tests.charts.drawing import LOOK, WIDTH, dots, svg, texts

PARTS = {"masks": "dropout masks", "crops": "crops", "images": "images"}
COLOURS = dict(zip(PARTS.values(), LOOK.accents, strict=True))
TABLE = pd.DataFrame(
    {
        "epoch": [-1] * 3 + [149] * 3,
        "effective_time": [0.0] * 3 + [2.5] * 3,
        "part": ["images", "crops", "masks"] * 2,
        "share": [0.2, 0.1, 0.7, 0.25, 0.25, 0.5],
        "share_error": [0.02, 0.01, 0.05, 0.02, 0.01, 0.05],
    }
)


@pytest.mark.parametrize(
    ("axis", "last", "title", "ticks"),
    [
        (along.EPOCHS, 150, "epochs trained", {"0", "1", "2", "5", "15", "50", "150"}),
        (along.TIME, 2.5, "training time T_eff", {"0", "0.001", "0.01", "0.1", "1"}),
    ],
)
def test_shares_lie_on_each_other_with_their_borders_at_their_epochs(
    axis: str, last: float, title: str, ticks: set[str]
) -> None:
    placed = along.placed(TABLE, axis)
    assert sorted(set(placed["x"])) == [0, last]
    chart = along.stacked(placed, along.x(axis, last), PARTS, COLOURS, LOOK)
    picture = svg(LOOK.framed({"height": 100, **chart}))
    (found,) = dots(picture)
    assert [dot.x for dot in found] == [0, WIDTH, 0, WIDTH]
    assert [dot.y for dot in found] == pytest.approx([30, 50, 20, 25])
    assert {title, *ticks, *PARTS.values()} <= set(texts(picture))


def test_an_error_is_that_of_the_part_at_the_border() -> None:
    chart = along.stacked(along.placed(TABLE, along.EPOCHS), along.x(along.EPOCHS, 150), PARTS, COLOURS, LOOK)
    bars = chart["layer"][1]["data"]["values"]
    assert [bar["high"] - bar["y"] for bar in bars] == pytest.approx([0.1, 0.1, 0.04, 0.04])
    assert bars[0]["low"] == pytest.approx(0.6)
    assert bars[0]["dropout masks"] == 0.7
    two = TABLE[TABLE["part"] != "crops"]
    pair = {part: PARTS[part] for part in ("masks", "images")}
    placed = along.placed(two, along.EPOCHS)
    chart = along.stacked(placed, along.x(along.EPOCHS, 150), pair, COLOURS, LOOK)
    assert [bar["high"] - bar["y"] for bar in chart["layer"][1]["data"]["values"]] == pytest.approx([0.1, 0.1])
