"""The picture of the collapse: where its handle stands at first it meets the runs that the sentence counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sgd_core.charts import collapse as chart
from sgd_core.ui.answer import collapse
from sgd_core.ui.shell.replay import METRICS
from tests.conftest import ROOT, pages_of


@pytest.mark.parametrize("metric", METRICS)
def test_the_handle_meets_the_runs_that_the_sentence_counts(metric: str, tmp_path: Path) -> None:
    with pages_of(ROOT / "cached_runs", tmp_path):
        picture = collapse.drawn(metric)
    signals = picture.chart["config"]["signals"]
    handle = next(one["value"] for one in signals if one["name"] == "handle")
    reach = picture.frame.groupby("run", observed=True)["time"].agg(["min", "max"])
    met = int(((reach["min"] <= handle) & (handle <= reach["max"])).sum())
    counted = re.search(r"The (\d+) that reach", picture.told)
    assert counted
    assert met == int(counted[1])


@pytest.mark.parametrize(("position", "handle"), [(0.5, 0.49999), (0.0, 0.0), (1.0, 0.99999)])
def test_just_before(position: float, handle: float) -> None:
    assert chart.just_before(position) == pytest.approx(handle)
