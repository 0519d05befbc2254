"""The chart really compiles and draws, in the Vega-Lite that the SVG download uses; what it sends stays small."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import vl_convert
from streamlit.dataframe_util import convert_pandas_df_to_arrow_bytes

from sgd_core.charts import curves
from sgd_core.charts.axes import AXES
from sgd_core.experiment import paper
from sgd_core.ui.shell import library, replay, theme
from tests.conftest import pages_of
from tests.ui.charts import Drawn, drawn
from tools import synthetic

ROOM = round((len("B=512") + len("100.0%    (ended)")) * 0.52 * 12) + 14
"""Pixels at the right of the curves of Figure 1 for '100.0%   B=512'."""
BASELINE = 4
"""Pixels from a value's middle down to its baseline, by which an SVG places it."""
LIMIT = 150_000
"""Bytes that one chart may send: what the issue allows."""


def lines_of(svg: str) -> list[str]:
    """The d of every drawn line, axes apart."""
    groups = re.findall(r'class="mark-line role-mark[^>]*>(.*?)</g>', svg, flags=re.DOTALL)
    return [d for group in groups for d in re.findall(r'd="(M[^"]*)"', group)]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("figure", [1, 2, 3, 4])
@pytest.mark.parametrize(("each_seed", "beside"), [(False, False), (False, True), (True, False), (True, True)])
def test_every_kind_of_chart_compiles(figure: int, each_seed: bool, beside: bool) -> None:
    metric = list(replay.METRICS)[figure - 1]
    for before in ("epoch", "time"):
        picture = drawn(figure, metric, "time", each_seed, beside, before).spec
        compiled = vl_convert.vegalite_to_vega(picture, vl_version="6.4")
        own = [signal["name"] for signal in compiled["config"]["signals"]]
        assert {"play", "clock", "glide", "isolated"} <= set(own)
        names = own + [signal["name"] for signal in compiled["signals"]]
        assert len(set(names)) == len(names)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(("figure", "metric"), [*enumerate(replay.METRICS, 1), (3, "The paper's accuracy")])
def test_the_picture_shows_every_run_and_its_final_value(figure: int, metric: str) -> None:
    chart = drawn(figure, metric, "time", before="epoch")
    svg = vl_convert.vegalite_to_svg(curves.standalone(chart.spec, chart.data))
    assert not re.search(r"NaN|undefined|null|Infinity", svg)
    text = "\n".join(re.findall(r">([^<]+)<", svg))
    shown = {run: value for value, run in re.findall(r"^([\d.]+)%?   (.+)$", text, flags=re.MULTILINE)}
    ends = chart.mean.groupby("run")["mean"].last() * (1 if metric == "Train loss" else 100)
    times = chart.mean.groupby("run")["training_time"].max()
    ended = {run.removesuffix(" (ended)") for run in shown if run.endswith(" (ended)")}
    assert ended == set(times[times < 0.98 * times.max()].index)
    assert {run.removesuffix(" (ended)"): float(value) for run, value in shown.items()} == pytest.approx(
        dict(ends), abs=0.0501
    )
    runs = len(ends)
    assert len(lines_of(svg)) == 3 * runs  # the curves, their learning rates and their batch sizes
    assert all("L" in d or "H" in d or "V" in d for d in lines_of(svg))  # none is a single point
    assert AXES["time"].title in text


@pytest.mark.usefixtures("published")
def test_a_line_ends_where_its_numbers_say() -> None:
    """The drawing itself is measured: the last point of each curve of Figure 1 along epochs."""
    chart = drawn(1)
    svg = vl_convert.vegalite_to_svg(curves.standalone(chart.spec, chart.data, width=900))
    low, high = replay.measure_of(chart.view.metric, chart.mean["mean"], chart.mean).domain
    ends = [d.split("L")[-1].split(",") for d in lines_of(svg)[:6]]
    for (x, y), (_, run) in zip(ends, chart.mean.groupby("order"), strict=True):
        assert float(x) == pytest.approx(900 - ROOM, abs=0.1)
        share = (run["mean"].iloc[-1] - low) / (high - low)
        assert float(y) == pytest.approx(360 * (1 - share), abs=0.5)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(("figure", "metric"), [*enumerate(replay.METRICS, 1), (3, "Train loss")])
def test_values_stand_beside_the_plot_as_high_as_their_curves_end_and_never_on_each_other(
    figure: int, metric: str
) -> None:
    chart = drawn(figure, metric)
    svg = vl_convert.vegalite_to_svg(curves.standalone(chart.spec, chart.data))
    found = re.findall(r"translate\(([\d.]+),(-?[\d.]+)\)[^>]*>([\d.]+)%?   ([^<]+)</text>", svg)
    placed = {run: (float(x), float(y) - BASELINE, float(value)) for x, y, value, run in found}
    ends = {run: float(d.split("L")[-1].split(",")[0]) for run, d in zip(placed, lines_of(svg))}
    assert set(placed) == set(chart.mean["run"])
    assert all(x > max(ends.values()) + 10 for x, _, _ in placed.values())
    down = sorted(placed.values(), key=lambda at: at[1])
    assert [value for *_, value in down] == sorted((value for *_, value in down), reverse=True)
    assert all(below[1] - above[1] >= 15.9 for above, below in itertools.pairwise(down))
    low, high = replay.measure_of(metric, chart.mean["mean"], chart.mean).domain
    best = chart.mean.groupby("run")["mean"].last().max()
    share = np.log(best / low) / np.log(high / low) if metric == "Train loss" else (best - low) / (high - low)
    assert down[-1][1] <= 360 - 7.9  # none lies below the plot
    # The highest is where its curve ends, unless all need the room.
    assert down[0][1] == pytest.approx(min(360 * (1 - share), 360 - (len(down) - 0.5) * 16), abs=0.5)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("axis", AXES)
def test_every_tick_of_the_axis_has_its_label(axis: str) -> None:
    chart = drawn(1, "Train loss", axis)
    svg = vl_convert.vegalite_to_svg(curves.standalone(chart.spec, chart.data))
    labels = AXES[axis].scale(chart.mean[AXES[axis].column]).ticks()[1]
    assert len(labels) > 1
    drawn_labels = re.findall(r">([^<]+)</text>", svg[svg.index("role-axis-label") :])
    assert [label for label in labels if label not in drawn_labels] == []


@pytest.mark.usefixtures("published")
def test_each_seed_is_a_line_of_its_own_beside_the_mean() -> None:
    chart = drawn(4, each_seed=True)
    svg = vl_convert.vegalite_to_svg(curves.standalone(chart.spec, chart.data))
    assert len(lines_of(svg)) == 2 * (2 + 1) + 2 * 2  # two runs: two seeds and a mean each; two small charts


@pytest.mark.usefixtures("published")
def test_the_authors_finals_are_marked_beside_their_metric_only() -> None:
    for metric in replay.METRICS:
        spec = json.dumps(drawn(1, metric).spec)
        notes = re.findall(r"authors: (0\.\d{4}), one seed", spec)
        expected = [f"{run.reported:.4f}" for run in paper.runs_of(1)] if metric == "The paper's accuracy" else []
        assert notes == expected, metric


@pytest.mark.usefixtures("published")
def test_guesses_stand_beside_the_authors_marks() -> None:
    spec = json.dumps(drawn(1, guessed={"B=512": 0.8}).spec)
    assert "your guess" in spec
    assert "authors" in spec
    assert '"shape": "cross"' in spec


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("figure", [1, 2, 3])
def test_equal_noise_is_one_colour_and_more_noise_is_hotter(figure: int) -> None:
    rows, mean = library.figure_rows(figure), drawn(figure).mean
    noise = (mean["learning_rate"] / mean["batch_size"]).groupby(mean["run"]).mean().round(12)
    colours = {line.run: line.colour for line in replay.lines(figure, rows, mean)}
    ramp = theme.ramp(np.linspace(0, 1, 10).tolist())
    for one, other in itertools.combinations(colours, 2):
        first, second = ramp.index(colours[one]), ramp.index(colours[other])
        if noise[one] < noise[other] * 0.99:
            assert first <= second, (one, other)
        elif noise[one] > noise[other] * 1.01:
            assert first >= second, (one, other)
        else:
            assert first == second, (one, other)


@pytest.mark.usefixtures("published")
def test_two_runs_of_equal_noise_that_may_coincide_have_colours_of_their_own() -> None:
    one, other = (line.colour for line in replay.lines(4, library.figure_rows(4), drawn(4).mean))
    assert one != other


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("figure", [1, 2, 3, 4])
def test_runs_of_one_colour_differ_in_dashes(figure: int) -> None:
    looks = [(line.colour, line.dash) for line in replay.lines(figure, library.figure_rows(figure), drawn(figure).mean)]
    assert len(set(looks)) == len(looks)


@pytest.mark.usefixtures("published")
def test_positions_fill_the_axis_for_what_is_in_view() -> None:
    for figure, axis in itertools.product((1, 2, 3, 4), AXES):
        data = drawn(figure, axis=axis, before="epoch").data
        assert data["position"].max() == pytest.approx(1, abs=1e-6), (figure, axis)
        visible = data[data["position"] >= 0]
        assert visible["run"].nunique() == data["run"].nunique()


def test_a_frame_travels_in_small_types_and_keeps_the_last_epoch() -> None:
    frame = pd.DataFrame(
        {"run": ["a"] * 5, "seed": -1, "epoch": range(5), "y": 0.5, "position": [0, 0.2, 0.4, 0.6, 1]}
    ).assign(learning_rate=[1e-3, 1e-3, 1e-4, 1e-4, 1e-4], batch_size=[16, 16, 16, 16, 32])
    small, every = curves.pack(frame)
    assert every == 1
    assert dict(small.dtypes.astype(str)) == {
        "run": "category", "seed": "int8", "epoch": "int16", "y": "float32", "position": "float32",
        "learning_rate": "float32", "batch_size": "int16", "until": "float32", "turn": "int8",
    }  # fmt: skip
    assert list(small["until"]) == pytest.approx([0.2, 0.4, 0.6, 1, curves.NEVER])
    assert list(small["turn"]) == [1, 0, 1, 0, 1]
    many = pd.concat([frame.assign(run=str(i)) for i in range(4000)], ignore_index=True)
    thinned, every = curves.pack(many)
    assert every == 5
    assert set(thinned["epoch"]) == {4}


def test_what_changes_between_two_kept_epochs_is_a_turn_at_the_second() -> None:
    frame = pd.DataFrame({"run": "a", "seed": -1, "epoch": range(9000), "position": np.linspace(0, 1, 9000)}).assign(
        learning_rate=[1e-3] * 4501 + [1e-4] * 4499, batch_size=16
    )
    thinned, every = curves.pack(frame)
    assert every > 1
    assert thinned.loc[thinned["turn"] == 1, "learning_rate"].tolist() == pytest.approx([1e-3, 1e-4])


@pytest.fixture(scope="module")
def ten_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ten")
    synthetic.write(folder, seeds=10)
    return folder


def size(chart: Drawn) -> int:
    return len(convert_pandas_df_to_arrow_bytes(chart.data)) + len(json.dumps(chart.spec))


def test_one_chart_of_ten_seeds_stays_under_the_limit(ten_seeds: Path, tmp_path: Path) -> None:
    sizes = {}
    with pages_of(ten_seeds, tmp_path):
        for figure, each_seed, beside in itertools.product((1, 2, 3, 4), (False, True), (False, True)):
            chart = drawn(figure, axis="time", each_seed=each_seed, beside=beside, before="epoch")
            sizes[figure, each_seed, beside] = size(chart)
    assert max(sizes.values()) < LIMIT, max(sizes, key=sizes.__getitem__)
    assert min(sizes.values()) > 10_000  # the charts are there
