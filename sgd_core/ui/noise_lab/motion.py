"""The noise lab's second page: noisy steps on a bowl become a cloud whose size mu/B sets, until the stability edge.

50 walkers and 60 frames of each of two panels travel to the browser once (about 40 kB) and move there. The two walks
share the 5 million walker-steps that `bowl.sizes` would give to each (2 x 50 ms), with at most 1,500 steps of burn-in.
The map is precomputed, see `noise.precomputed`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from sgd_core.noise import bowl, precomputed, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.bowl import BowlWalk, Sizes
from sgd_core.noise.statistics import Estimate
from sgd_core.noise.theory import FloatArray
from sgd_core.ui.shell import lab, page, theme

VARIANCE = 40.0
"""sigma^2 of one example's gradient: at mu/B = 1/40 and h = 1 the cloud is 0.7 wide, next to a start at 3."""
RATES = [0.0125, 0.025, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.2, 1.5, 1.8, 1.95, 2.05, 2.5, 3.0, 3.6, 3.8, 4.0]
BATCHES = [1, 2, 4, 8, 16, 32, 64]
CURVATURES = [0.25, 0.5, 1.0, 2.0, 4.0]
MOMENTA = [0.0, 0.5, 0.9]
FACTORS = [1, 2, 4, 8, 16]
LONGEST_BURN_IN = 1500
FRAMES = 60
SAME = 0.1
"""Variances within 10% of each other are called the same here: that is 5% in the width of a cloud."""
TALLEST = 1e3
"""Where the axes stop following a divergence."""


@dataclass(frozen=True)
class Panel:
    """One setting of SGD on the bowl, what its walkers did, and what theory says."""

    name: str
    learning_rate: float
    batch_size: int
    curvature: float
    momentum: float
    walk: BowlWalk
    long_enough: bool

    @property
    def exact(self) -> float:
        return float(theory.stationary_variance(*self._settings))

    @property
    def small_steps(self) -> float:
        return float(theory.stationary_variance_small_steps(*self._settings))

    @property
    def of_limit(self) -> float:
        """mu as a share of the stability limit."""
        return self.learning_rate / float(theory.stability_limit(self.curvature, self.momentum))

    @property
    def percent_of_limit(self) -> str:
        """`of_limit` with three digits."""
        return f"{float(f'{100 * self.of_limit:.3g}'):,g}%"

    @property
    def label(self) -> str:
        return f"{self.name}: μ = {self.learning_rate:g}, B = {self.batch_size}"

    @property
    def _settings(self) -> tuple[float, float, float, float, float]:
        return self.learning_rate, self.batch_size, self.curvature, VARIANCE, self.momentum


SCENES: dict[str, dict[str, float]] = {
    "Small steps": {"mu": 0.025, "B": 1, "h": 1.0, "m": 0.0, "k": 4},
    "Near the edge": {"mu": 0.45, "B": 4, "h": 1.0, "m": 0.0, "k": 4},
    "Beyond the edge": {"mu": 0.6, "B": 4, "h": 1.0, "m": 0.0, "k": 4},
    "With momentum": {"mu": 0.0125, "B": 4, "h": 1.0, "m": 0.9, "k": 4},
}
"""Settings worth seeing, by the name on their button."""


PAGE = page.Page(
    slug="Noise_lab_Motion",
    section=page.NOISE_LAB,
    label="Motion",
    title="A step turns that into motion",
    question="If every step is a guess, where does SGD end up?",
    intro="Not at the bottom of the bowl, but in a cloud around it: every dot is one SGD run on a single weight. "
    "Two settings with different μ and B but one μ/B, one above the other, with time counted as μ × steps.",
    next="Noise_lab_Valleys",
)


def show() -> None:
    """Draw the page."""
    body = st.container()
    seed = lab.seed()
    with body, page.plain_errors():
        first, second = _panels(seed)
        _picture(first, second)
        st.markdown("##### The map: which (B, μ) make the same cloud?")
        _map()
        with st.container(key="details"):
            _how()


def _panels(seed: int) -> tuple[Panel, Panel]:
    with st.container(key="controls"):
        with st.container(horizontal=True, gap="small"):
            for name, values in SCENES.items():
                st.button(name, on_click=lab.set_controls, args=(values,), key=f"scene {name}")
        with st.container(horizontal=True, gap="medium"):
            options: dict[str, Any] = {"bind": "query-params", "width": 132}
            rate = float(st.select_slider("Learning rate μ", RATES, value=0.025, key="mu", **options))
            batch = int(st.select_slider("Batch size B", BATCHES, value=1, key="B", **options))
            factor = int(
                st.select_slider(
                    "Second: × k", FACTORS, value=4, key="k", **options,
                    help="The second panel has k times the learning rate and k times the batch size, so the same μ/B.",
                )
            )  # fmt: skip
            curvature = float(
                st.select_slider(
                    "Curvature h",
                    CURVATURES,
                    value=1.0,
                    key="h",
                    help="The loss is hw²/2: a larger h is a narrower bowl.",
                    **options,
                )
            )
            momentum = float(
                st.select_slider(
                    "Momentum m",
                    MOMENTA,
                    value=0.0,
                    key="m",
                    help="The share of the last step that each step keeps.",
                    **options,
                )
            )
    return (
        _panel("First", rate, batch, curvature, momentum, seed),
        _panel("Second", rate * factor, batch * factor, curvature, momentum, seed + 10_000),
    )


def _panel(name: str, rate: float, batch: int, curvature: float, momentum: float, seed: int) -> Panel:
    planned = bowl.sizes(rate, batch, curvature, VARIANCE, momentum)
    burn_in = min(planned.burn_in, LONGEST_BURN_IN)
    walkers = max(bowl.FEWEST_WALKERS, min(bowl.MOST_WALKERS, bowl.WALKER_STEPS // 2 // (2 * burn_in)))
    enough = planned.long_enough and burn_in == planned.burn_in
    size = Sizes(walkers, burn_in, 2 * burn_in, enough)
    walk = _walk(rate, batch, curvature, momentum, size, seed)
    return Panel(name, rate, batch, curvature, momentum, walk, enough)


@lab.remembered
def _walk(rate: float, batch: int, curvature: float, momentum: float, size: Sizes, seed: int) -> BowlWalk:
    return bowl.walk(rate, batch, curvature, VARIANCE, momentum, size=size, seed=seed)


def _picture(first: Panel, second: Panel) -> None:
    said = _said(first, second)
    for panel in (first, second):
        if panel.walk.diverged_at is not None:
            shown = int(_end(first, second) / panel.learning_rate)
            ends = f"ends after {shown} and is clipped" if shown < panel.walk.diverged_at else "is clipped"
            st.warning(
                f"{panel.label} is unstable: μh = {panel.learning_rate * panel.curvature:g} is beyond the limit "
                f"2(1+m) = {2 * (1 + panel.momentum):g}. The walkers left for good after {panel.walk.diverged_at} "
                f"steps; the picture {ends}.",
                icon=":material/trending_up:",
            )
    spec, frame = _chart(first, second)
    st.vega_lite_chart(
        frame,
        {**spec, "padding": lab.PADDING},
        width="stretch",
        alt=f"Two clouds of walkers on a bowl over time. {said}",
    )
    st.caption(
        "Dots: 50 of the walkers, all from w = 3. Bar below: ± 2 standard deviations as theory predicts. Last panel: "
        "the variance across all walkers; dashed, the exact stationary variance; dotted, the limit of small steps, "
        "which knows only μ/B."
    )
    lab.takeaway(said)
    for panel in (first, second):
        if panel.walk.diverged_at is None:
            lab.show_badge(f"{panel.label}. Stationary variance", Agreement.of(panel.walk.stationary, panel.exact))
            if not (panel.long_enough and panel.walk.settled):
                st.caption("This walk is too short to have forgotten its start: expect it to differ.")
    st.markdown(
        f"The small-step limit μσ²/(2hB(1−m)) is {first.small_steps:.3g} for both; the exact values are "
        f"{_number(first.exact)} and {_number(second.exact)}."
    )


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "infinite"


def _said(first: Panel, second: Panel) -> str:
    ratio = f"μ/B = {first.learning_rate / first.batch_size:.3g} in both"
    unstable = [panel for panel in (first, second) if panel.walk.diverged_at is not None]
    if len(unstable) == 2:
        return f"{ratio}, and both are beyond the stability limit: there is no cloud at all."
    if unstable:
        return (
            f"{ratio}, and yet the {unstable[0].name.lower()} flies apart: μ/B does not say whether a step is too long."
        )
    if first.learning_rate == second.learning_rate:
        return f"{ratio}, with the same μ and B: only the random numbers differ. Raise k."
    apart = second.walk.stationary.value / first.walk.stationary.value - 1
    if abs(apart) < SAME:
        return (
            f"{ratio}, and in μ × steps the clouds look alike: their variances are {abs(apart):.1%} apart, though "
            f"the second takes {second.batch_size // first.batch_size} times fewer steps, with batches as many times "
            "larger."
        )
    larger, share = (second, apart) if apart > 0 else (first, -apart / (1 + apart))
    return (
        f"{ratio}, and still the {larger.name.lower()} cloud's variance is {share:.0%} larger: its μ is "
        f"{larger.percent_of_limit} of the stability limit, too long a step for μ/B to be all that counts."
    )


def _chart(first: Panel, second: Panel) -> tuple[lab.Spec, pd.DataFrame]:
    panels = (first, second)
    spreads = [math.sqrt(panel.exact) for panel in panels if math.isfinite(panel.exact)]
    reach = min(TALLEST, max([bowl.START * 1.15, *(3.2 * spread for spread in spreads)]))
    if len(spreads) < 2:
        reach = max(reach, 12.0)
    end = _end(first, second)
    times = np.linspace(0, end, FRAMES + 1)
    frame = pd.concat(_frames(panel, times, reach) for panel in panels)
    frame = frame.astype({"panel": "category", "frame": "int8", "w": "float32"}).reset_index(drop=True)
    colours = dict(zip([panel.name for panel in panels], theme.accents()[:2], strict=True))
    signals = [*lab.player("Time", FRAMES, FRAMES), {"name": "time", "update": f"now * {end / FRAMES}"}]
    return {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "spacing": 8,
        "vconcat": [*(_bowl(panel, colours[panel.name], reach, panel is second) for panel in panels),
                    _over_time(panels, colours, end)],
        "config": lab.config(signals=signals),
    }, frame  # fmt: skip


def _end(first: Panel, second: Panel) -> float:
    """The time, mu times steps, at which the picture ends: where the first stable walk does, if there is one."""
    lengths = {panel.name: (len(panel.walk.variance) - 1) * panel.learning_rate for panel in (first, second)}
    stable = [lengths[panel.name] for panel in (first, second) if panel.walk.diverged_at is None]
    return min(stable) if stable else max(lengths.values())


def _frames(panel: Panel, times: FloatArray, reach: float) -> pd.DataFrame:
    steps = np.minimum(np.round(times / panel.learning_rate).astype(int), len(panel.walk.paths) - 1)
    places = panel.walk.paths[steps].clip(-reach, reach)
    frames, walkers = places.shape
    return pd.DataFrame({"panel": panel.name, "frame": np.repeat(np.arange(frames), walkers), "w": places.ravel()})


def _bowl(panel: Panel, colour: str, reach: float, titled: bool) -> lab.Spec:
    top = panel.curvature * reach**2 / 2
    x = {
        "field": "w",
        "type": "quantitative",
        "scale": {"domain": [-reach, reach], "nice": False},
        "axis": {"title": "weight w" if titled else None, "labels": titled, "ticks": titled, "tickCount": 7},
    }
    y = {
        "field": "loss",
        "type": "quantitative",
        "scale": {"domain": [-0.12 * top, top], "nice": False},
        "axis": {"title": "loss", "tickCount": 3, "minExtent": 40},
    }
    height = {"calculate": f"{panel.curvature / 2} * datum.w * datum.w", "as": "loss"}
    curve = {
        "data": {"sequence": {"start": -reach, "stop": reach * 1.001, "step": reach / 40, "as": "w"}},
        "transform": [height],
        "mark": {"type": "line", "color": theme.colour("textColor"), "opacity": 0.4, "strokeWidth": 1.5},
        "encoding": {"x": x, "y": y},
    }
    walkers = {
        "transform": [{"filter": f"datum.panel == '{panel.name}' && datum.frame == floor(now)"}, height],
        "mark": {"type": "point", "filled": True, "size": 55, "opacity": 0.6, "color": colour, "clip": True},
        "encoding": {"x": x, "y": y},
    }
    layers = [curve, walkers, _text(panel.label, f"   (μh is {panel.percent_of_limit} of the stability limit)")]
    if math.isfinite(panel.exact):
        wide = min(reach, 2 * math.sqrt(panel.exact))
        layers.append(
            {
                "data": {"values": [{"w": -wide, "to": wide, "loss": -0.06 * top}]},
                "mark": {"type": "rule", "strokeWidth": 4, "color": colour, "opacity": 0.7},
                "encoding": {"x": x, "x2": {"field": "to"}, "y": y},
            }
        )
    return {"height": 135, "layer": layers}


def _text(text: str, where_wide: str) -> lab.Spec:
    shown = {"expr": f"'{text}' + (width < 420 ? '' : '{where_wide}')"}
    return {
        "data": {"values": [{}]},
        "mark": {"type": "text", "align": "center", "baseline": "top", "text": shown, "fontWeight": 600},
        "encoding": {"x": {"value": {"expr": "width / 2"}}, "y": {"value": 4}},
    }


def _over_time(panels: tuple[Panel, Panel], colours: dict[str, str], end: float) -> lab.Spec:
    unstable = any(panel.walk.diverged_at is not None for panel in panels)
    finite = [panel.exact for panel in panels if math.isfinite(panel.exact)]
    top = bowl.CLIP**2 if unstable else 1.3 * max(finite)
    values = []
    for panel in panels:
        trace = panel.walk.variance
        last = min(len(trace) - 1, int(end / panel.learning_rate))
        for step in np.unique(np.linspace(1, last, 120).astype(int)):
            values.append(
                {"panel": panel.name, "t": round(step * panel.learning_rate, 4), "v": float(f"{trace[step]:.4g}")}
            )
    x = {
        "field": "t", "type": "quantitative", "title": "time μ × steps", "axis": {"tickCount": 8},
        "scale": {"domain": [0, end], "nice": False},
    }  # fmt: skip
    low = min([value["v"] for value in values if value["v"] > 0], default=1.0)
    y = {
        "field": "v", "type": "quantitative", "title": "variance",
        "scale": {"domain": [low, top], "type": "log"} if unstable else {"domain": [0, top], "nice": False},
        "axis": {
            "tickCount": 4, "minExtent": 40,
            **({"labelExpr": "replace(format(datum.value, '.1~e'), '+', '')"} if unstable else {"format": "~g"}),
        },
    }  # fmt: skip
    colour = {"field": "panel", "type": "nominal", "scale": {"domain": list(colours), "range": list(colours.values())}}
    rule = {"type": "rule", "clip": True, "opacity": 0.9}
    dashed = [{"panel": panel.name, "v": panel.exact} for panel in panels if math.isfinite(panel.exact)]
    return {
        "height": 130,
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "line", "clip": True, "strokeWidth": 2},
                "encoding": {"x": x, "y": y, "color": {**colour, "legend": None}},
            },
            {
                "data": {"values": dashed},
                "mark": {**rule, "strokeDash": [7, 4]},
                "encoding": {"y": y, "color": {**colour, "legend": None}},
            },
            {
                "data": {"values": [{"v": panels[0].small_steps}]},
                "mark": {**rule, "strokeDash": [1, 4], "strokeWidth": 2, "color": theme.colour("textColor")},
                "encoding": {"y": y},
            },
            {
                "data": {"values": [{"one": 1}]},
                "transform": [{"calculate": "time", "as": "t"}],
                "mark": {**rule, "color": theme.colour("textColor"), "opacity": 0.4},
                "encoding": {"x": x},
            },
        ],
    }


def _map() -> None:
    table = lab.precomputed_table()
    if table is None:
        return
    with st.container(key="controls-map"):
        momentum = st.segmented_control(
            "Momentum of the map", [f"{m:g}" for m in precomputed.MAP_MOMENTA], default="0", key="map",
            bind="query-params", required=True,
        )  # fmt: skip
    m = float(str(momentum))
    table = table[(table["kind"] == "variance") & (table["momentum"] == m)]
    stable = table[~table["diverged"]]
    said = _said_of_map(stable, m)
    worst = float(((stable["measured"] - stable["exact"]) / stable["standard_error"]).abs().max())
    lab.draw(_map_chart(table, m), 260, f"Measured variance over batch size and learning rate. {said}")
    st.caption(
        "Colour: measured stationary variance, one shade for every factor of 4. Lines: constant μ/B, drawn where the "
        "small-step limit puts the borders between shades. Dashed: the stability edge. Computed beforehand, "
        f"{len(table)} settings, h = {precomputed.CURVATURE:g}, σ² = {precomputed.BOWL_VARIANCE:g}, standard errors "
        f"below {(stable['standard_error'] / stable['measured']).max():.1%}; the single setting that is furthest "
        f"from the exact value is {worst:.1f} of its standard errors off."
    )
    lab.takeaway(said)
    ratios = stable["measured"] / stable["exact"]
    errors = stable["standard_error"] / stable["exact"]
    pooled = Estimate(float(ratios.mean()), float(np.sqrt((errors**2).sum()) / len(errors)))
    lab.show_badge("Measured over exact, all stable settings", Agreement.of(pooled, 1.0))


def _said_of_map(stable: pd.DataFrame, momentum: float) -> str:
    limit = float(theory.stability_limit(precomputed.CURVATURE, momentum))
    factor = (stable["measured"] / stable["small_steps"]).groupby(stable["learning_rate"]).mean()
    low = factor[factor.index <= 0.05 * limit]
    return (
        f"With μ up to {low.index.max():.2g} the colours follow the lines of constant μ/B to within "
        f"{(low - 1).abs().max():.0%}; at {factor.index.max() / limit:.0%} of the edge the cloud's variance is "
        f"{factor.iloc[-1]:.0f} times what μ/B says."
    )


def _map_chart(table: pd.DataFrame, momentum: float) -> alt.LayerChart | alt.FacetChart:
    limit = float(theory.stability_limit(precomputed.CURVATURE, momentum))
    rates = np.sort(table["learning_rate"].unique())
    middles = np.sqrt(rates[1:] * rates[:-1])
    edges = np.concatenate([[rates[0] ** 2 / middles[0]], middles, [rates[-1] * 1.05]])
    row = np.searchsorted(rates, table["learning_rate"])
    shade = np.round(np.log(np.where(table["diverged"], np.nan, table["measured"])) / np.log(4))
    cells = table.assign(
        left=table["batch_size"] / 2**0.5, right=table["batch_size"] * 2**0.5, low=edges[row], high=edges[row + 1],
        shade=shade,
    )  # fmt: skip
    x = alt.Scale(type="log", base=2, nice=False, domain=[2**-0.5, 2**8.5])
    y = alt.Scale(type="log", nice=False, domain=[edges[0], edges[-1]])
    x_of: dict[str, Any] = {"scale": x, "title": "batch size B", "axis": alt.Axis(values=list(precomputed.MAP_BATCHES))}
    y_of: dict[str, Any] = {
        "scale": y,
        "title": "learning rate μ",
        "axis": alt.Axis(format="~g", values=[0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]),
    }
    tips = [
        alt.Tooltip("batch_size:Q", title="B"),
        alt.Tooltip("learning_rate:Q", title="μ", format=".3~g"),
        *(alt.Tooltip(f"{name}:Q", format=".3~g") for name in ("measured", "standard_error", "exact", "small_steps")),
    ]
    powers_of_ten = np.arange(
        math.ceil(np.nanmin(shade) * math.log10(4)), math.floor(np.nanmax(shade) * math.log10(4)) + 1
    )
    colour = alt.Color(
        "shade:Q",
        scale=alt.Scale(range=theme.ramp(np.linspace(0, 1, 10).tolist()), interpolate="rgb"),
        legend=alt.Legend(
            title="variance",
            titlePadding=14,
            values=(powers_of_ten / math.log10(4)).tolist(),
            labelExpr="format(pow(4, datum.value), '.1~r')",
            orient="right",
            gradientLength=180,
        ),
    )
    rectangle: dict[str, Any] = {
        "x": alt.X("left:Q", **x_of),
        "x2": alt.X2("right:Q"),
        "y": alt.Y("low:Q", **y_of),
        "y2": alt.Y2("high:Q"),
    }
    stable = alt.Chart(cells[~cells["diverged"]]).mark_rect(clip=True).encode(**rectangle, color=colour, tooltip=tips)
    unstable = (
        alt.Chart(cells[cells["diverged"]])
        .mark_rect(clip=True, color=theme.colour("borderColor"))
        .encode(**rectangle, tooltip=tips[:2])
    )
    powers = np.arange(-8, 6)
    levels = 4.0 ** (powers - 0.5) * 2 * precomputed.CURVATURE * (1 - momentum) / precomputed.BOWL_VARIANCE
    ends = np.array([2**-0.5, 2**8.5])
    lines = pd.DataFrame([{"level": level, "left": end, "low": level * end} for level in levels for end in ends])
    isolines = (
        alt.Chart(lines)
        .mark_line(clip=True, color=theme.colour("backgroundColor"), strokeWidth=1.5)
        .encode(alt.X("left:Q", **x_of), alt.Y("low:Q", **y_of), detail=alt.Detail("level:N"))
    )
    edge = (
        alt.Chart(pd.DataFrame({"low": [limit]}))
        .mark_rule(strokeDash=[6, 4], strokeWidth=2, color=theme.colour("textColor"))
        .encode(y=alt.Y("low:Q", **y_of))
    )
    return alt.layer(stable, unstable, isolines, edge)


def _how() -> None:
    with st.expander("How we know"):
        st.markdown(
            "One weight, loss L = hw²/2, and a batch gradient hw + ξ with Var(ξ) = σ²/B, σ² = "
            f"{VARIANCE:g} in the pictures. SGD with momentum, v ← mv + g, w ← w − μv, is then an autoregression of "
            "order two, whose stationary variance is known exactly:"
        )
        st.latex(
            r"\mathrm{Var}(w)=\frac{\mu\sigma^2}{B}\,\frac{1+m}{h(1-m)\,(2(1+m)-\mu h)}"
            r"\;\xrightarrow{\;\mu h\to 0\;}\;\frac{\mu}{B}\,\frac{\sigma^2}{2h(1-m)},"
            r"\qquad\text{stable for } 0<\mu h<2(1+m)."
        )
        st.markdown(
            "Source: Box & Jenkins, *Time Series Analysis*; without momentum Mandt et al., arXiv "
            "1704.04289, plus the finite-step term. All walkers start at w = 3, not in the stationary state, and are "
            "measured after a burn-in in which the start shrinks to 1% of the cloud. The error is the spread over "
            "walkers of each walker's average over time, so the dependence between a walker's steps is in it."
        )
