"""The schedule workbench: what a schedule does to mu_k, B_k, mu_k/B_k, updates and T, and the same noise another way.

Everything is arithmetic on `RunSpec` (1 ms for 150 epochs), so nothing is kept between reruns. The second schedule is
the reader's own, or made from the first: the batch grows so that mu_k/B_k stays what it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.experiment import equivalence, paper
from sgd_core.experiment.schedules import SCHEDULES, Epoch, epochs_of, learning_rates, plan, steps_per_epoch
from sgd_core.experiment.spec import RunSpec
from sgd_core.noise import theory
from sgd_core.ui.shell import lab, page, schedule_controls, theme
from sgd_core.ui.shell.choices import BATCHES, FALLS_TO, IMAGES, RATES
from sgd_core.ui.shell.run_controls import controls_of

CARRIED = ("data", "epochs", "schedule", "mu", "B", *schedule_controls.KEYS, "m")
START = {"s": 0.375, "Ndec": 20}
"""Where the sliders stand at first: Figure 4's faster decay."""
"""Controls that the Train page takes over from here."""
NONE, OWN, SAME = "none", "my own", "same noise, other way"


@dataclass(frozen=True)
class Drawn:
    """A schedule as it is drawn: its name and what it does in every epoch."""

    name: str
    epochs: list[Epoch]

    @property
    def noise(self) -> list[float]:
        """mu_k / B_k with whole images in a batch."""
        return [epoch.learning_rate / epoch.batch_size for epoch in self.epochs]


@dataclass(frozen=True)
class Second:
    """The schedule laid over the first, and where its mu/B is the first's."""

    drawn: Drawn
    sentence: str
    agreeing: list[int]
    """Epochs."""


PRESETS = {f"Figure {figure}: {run.label(figure)}": run.spec for figure in (3, 4) for run in paper.runs_of(figure)}


PAGE = page.Page(
    slug="Schedule_workbench",
    section=page.PLAN,
    label="The schedule workbench",
    title="The schedule workbench",
    question="What does a schedule do, epoch by epoch, to the noise and to the training time?",
    intro="Set one, lay a second one over it, or ask for the same noise another way: a batch that grows in place "
    "of a learning rate that falls.",
    next="Train",
)


def show() -> None:
    """Draw the page."""
    with page.plain_errors():
        _body()


def _body() -> None:
    with st.container(key="controls"):
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            data = str(
                st.segmented_control(
                    "Images", list(IMAGES), default="vegetables", key="data", bind="query-params", required=True,
                    help=f"N is {IMAGES['vegetables']:,} for the vegetables and {IMAGES['shapes']} for the shapes.",
                )
            )  # fmt: skip
            epochs = st.slider("Epochs", 1, 300, 150, key="epochs", bind="query-params", width=200)
            momentum = st.slider(
                "Momentum m (noise scale g only)", 0.0, 0.99, 0.9, 0.01, key="m", bind="query-params", width=250,
                help="The noise scale g = μ(N/B − 1)/(1 − m) stands in the table under the strips. It says how strong "
                "the noise is once momentum adds up 1/(1 − m) gradients. The strips show the schedule, without m.",
            )  # fmt: skip
        images = IMAGES[data]
        common = {"dataset": data, "epochs": epochs, "momentum": momentum}
        first_column, second_column = st.columns(2, gap="large")
        with first_column:
            st.markdown("##### First")
            first = _schedule("", common)
            st.button(
                "Same noise, other way", on_click=lab.set_controls, args=({"second": SAME},),
                icon=":material/swap_horiz:",
            )  # fmt: skip
        second: Second | None = None
        with second_column:
            st.markdown("##### Second")
            choice = st.segmented_control(
                "Second schedule", [NONE, OWN, SAME], default=NONE, key="second", bind="query-params", required=True,
                label_visibility="collapsed",
            )  # fmt: skip
            with page.plain_errors():
                second = _second(str(choice), first, common, images)
    drawn = [Drawn("first", plan(first, images)), *([second.drawn] if second else [])]
    said = _said(drawn)
    frame = _frame(drawn)
    st.vega_lite_chart(
        frame, _chart(frame, [one.name for one in drawn], images), width="stretch",
        alt=f"Learning rate, batch size, their ratio, updates and training time for every epoch. {said}",
    )  # fmt: skip
    lab.takeaway(said)
    if second:
        st.markdown(second.sentence + _rounding(drawn, second.agreeing))
    _totals(drawn, images, momentum)
    with st.expander("Time-based decay: the paper's recursion beside Keras's", expanded=first.schedule == "time"):
        _keras(first)
    with st.container(key="details"):
        carried = {name: str(value) for name, value in controls_of(first).items() if name in CARRIED}
        st.link_button(
            "Train the first schedule", page.address("Train", carried), icon=":material/play_arrow:",
            type="tertiary", help="In a tab of its own.",
        )  # fmt: skip
        _how(first)


def _schedule(prefix: str, common: dict[str, Any]) -> RunSpec:
    """The controls of one schedule; what does not matter for it is greyed out."""
    with st.popover("Load one of the paper's"):
        for name in PRESETS:
            st.button(name, key=f"{prefix}load {name}", on_click=_load, args=(prefix, PRESETS[name]), type="tertiary")
    schedule = str(
        st.segmented_control(
            "Learning rate",
            list(SCHEDULES),
            default="step",
            key=f"{prefix}schedule",
            bind="query-params",
            required=True,
            help=schedule_controls.formulas(),
        )
    )
    left, right = st.columns(2, gap="medium")
    bound: dict[str, Any] = {"bind": "query-params"}
    rate = left.select_slider("μ₀", RATES, value="1e-4", key=f"{prefix}mu", **bound)
    batch = right.select_slider("B₀", BATCHES, value=16, key=f"{prefix}B", **bound)
    shape = schedule_controls.sliders(schedule, prefix, START, columns=2)
    return RunSpec.parse({**common, "schedule": schedule, "learning_rate": float(rate), "batch_size": batch, **shape})


def _load(prefix: str, spec: RunSpec) -> None:
    values = {
        "schedule": spec.schedule,
        "mu": next(rate for rate in RATES if math.isclose(float(rate), spec.learning_rate)),
        "B": spec.batch_size, **schedule_controls.values_of(spec),
    }  # fmt: skip
    lab.set_controls({f"{prefix}{key}": value for key, value in values.items()})
    lab.set_controls({"epochs": spec.epochs, "m": spec.momentum, "data": spec.dataset})


def _second(choice: str, first: RunSpec, common: dict[str, Any], images: int) -> Second | None:
    if choice == OWN:
        spec = _schedule("b_", common)
        stretches = equivalence.agreeing_epochs(first, spec, images)
        return Second(Drawn("second", plan(spec, images)), _agreement(stretches, first), _within(stretches))
    if choice == SAME:
        return _other_way(first, images)
    st.caption("Choose one to lay it over the first.")
    return None


def _other_way(first: RunSpec, images: int) -> Second:
    if not SCHEDULES[first.schedule].in_steps:
        st.markdown(f"μ stays at μ₀ = {first.learning_rate:g}; B grows in every epoch by what μ loses in the first.")
        wanted = equivalence.growing_batches(first)
        epochs = _epochs([first.learning_rate] * first.epochs, wanted, images, first.momentum)
        sentence = f"Here B_k = B₀ μ₀/μ_k: at epoch {first.epochs - 1} that would be {_count(wanted[-1])} images. "
        passed = equivalence.first_above(wanted, images)
        agreeing = list(range(first.epochs if passed is None else passed))
        return Second(Drawn("second", epochs), sentence + _end(_batches(first), wanted, images), agreeing)
    growth = st.slider(
        "s_B of the second", 1.0, 4.0, 2.0, 0.25, key="growth", bind="query-params",
        help="How much the batch grows at every step. The learning rate then falls by what is left to fall.",
    )  # fmt: skip
    falls = first.step_decay if first.schedule == "step" else 1.0
    if st.toggle("B does all of it: μ stays constant", key="all", bind="query-params"):
        growth = first.batch_growth / falls
    spec = equivalence.with_batch_growth(first, growth)
    left = spec.step_decay if spec.schedule == "step" else 1.0
    st.markdown(f"s/s_B stays the same: {falls:g} / {first.batch_growth:g} = **{left:.4g} / {growth:.4g}**.")
    stretches = equivalence.agreeing_epochs(first, spec, images)
    end = _end(_batches(first), _batches(spec), images)
    sentence = f"{_agreement(stretches, first)} {'' if growth == first.batch_growth else end}"
    return Second(Drawn("second", plan(spec, images)), sentence, _within(stretches))


def _batches(spec: RunSpec) -> list[float]:
    """B_k as the schedule means it, beyond N too."""
    wanted, rates = equivalence.growing_batches(spec), learning_rates(spec)
    return [batch * rate / spec.learning_rate if rate > 0 else batch for batch, rate in zip(wanted, rates, strict=True)]


def _within(stretches: list[tuple[int, int]]) -> list[int]:
    return [k for begin, end in stretches for k in range(begin, end + 1)]


def _rounding(drawn: list[Drawn], agreeing: list[int]) -> str:
    """What whole images in a batch do to the agreement."""
    first, second = (one.noise for one in drawn)
    most = max((abs(second[k] / first[k] - 1) for k in agreeing if first[k] > 0), default=0.0)
    return f" Cutting batches to whole images moves μ/B by up to {most:.1%} there." if most >= 0.0005 else ""


def _epochs(rates: list[float], wanted: list[float], images: int, momentum: float) -> list[Epoch]:
    """The plan of batches that are not whole yet: cut to whole images, at most N."""
    whole = [min(int(min(batch * (1 + equivalence.SAME), images)), images) for batch in wanted]
    return epochs_of(rates, whole, [steps_per_epoch(batch, images) for batch in whole], momentum)


def _end(first: list[float], second: list[float], images: int) -> str:
    """Where the equivalence ends: at the first epoch in which either schedule asks for more than all images."""
    ends = {"first": equivalence.first_above(first, images), "second": equivalence.first_above(second, images)}
    passed = min((epoch for epoch in ends.values() if epoch is not None), default=None)
    if passed is None:
        return f"B_k never passes N = {images:,} in either schedule, so the two are equivalent to the end."
    capped = [name for name, epoch in ends.items() if epoch == passed]
    where = f"in the {capped[0]} schedule" if len(capped) == 1 else "in both schedules"
    return (
        f"**At epoch {passed} B_k passes N = {images:,} {where}** and the equivalence ends: a batch cannot hold more "
        "than all images, and one that holds them all has no noise left."
    )


def _agreement(stretches: list[tuple[int, int]], first: RunSpec) -> str:
    if not stretches:
        return "Their μ/B agree in no epoch."
    if stretches == [(0, first.epochs - 1)]:
        return "Their μ/B agree in **every epoch**."
    shown = ", ".join(f"{a} to {b}" if b > a else str(a) for a, b in stretches[:4])
    more = f" and {len(stretches) - 4} more stretches" if len(stretches) > 4 else ""
    return f"Their μ/B agree in **epochs {shown}**{more}, of {first.epochs}."


def _said(drawn: list[Drawn]) -> str:
    first = drawn[0].epochs
    if len(drawn) == 1:
        half = next(epoch.epoch for epoch in first if epoch.training_time >= first[-1].training_time / 2)
        noise = drawn[0].noise
        change = (
            f"μ/B stays at {noise[0]:.3g}"
            if math.isclose(noise[0], noise[-1])
            else f"μ/B goes from {noise[0]:.3g} to {noise[-1]:.3g}"
        )
        return (
            f"{change} in {len(first)} epochs and {first[-1].updates:,} updates; half of the training time "
            f"T = {first[-1].training_time:.3g} is over after epoch {half}."
        )
    second = drawn[1].epochs
    return (
        f"The second takes {second[-1].updates:,} updates to the first's {first[-1].updates:,}, and ends at "
        f"T = {second[-1].training_time:.3g} against {first[-1].training_time:.3g} "
        f"({second[-1].training_time / first[-1].training_time - 1:+.1%})."
    )


def _count(number: float) -> str:
    return f"{number:,.0f}" if number < 1e6 else f"{number:.1e}"


def _frame(drawn: list[Drawn]) -> pd.DataFrame:
    tables = [pd.DataFrame(one.epochs).assign(which=one.name, noise=one.noise) for one in drawn]
    return pd.concat(tables, ignore_index=True).astype(
        {
            "which": "category", "epoch": "int16", "batch_size": "int32", "updates": "int32",
            **dict.fromkeys(["learning_rate", "noise", "training_time"], "float32"),
        }
    )  # fmt: skip


def _chart(frame: pd.DataFrame, names: list[str], images: int) -> lab.Spec:
    last = int(frame["epoch"].max())
    rows = [
        ("learning_rate", "μ_k", True), ("batch_size", "B_k", True), ("noise", "μ_k / B_k", True),
        ("updates", "updates", False), ("training_time", "T", False),
    ]  # fmt: skip
    colours = theme.accents()[:2]
    colour = {"field": "which", "type": "nominal", "scale": {"domain": names, "range": colours[: len(names)]}}
    views: list[lab.Spec] = []
    for i, (column, title, log) in enumerate(rows):
        bottom = i == len(rows) - 1
        low, high = float(frame[column].min()), float(frame[column].max())
        low = max(low, high * FALLS_TO) if log else 0.0
        domain = [low / 1.3, high * 1.3] if log else [low, high * 1.05]
        x = {
            "field": "epoch",
            "type": "quantitative",
            "scale": {"domain": [0, max(last, 1)], "nice": False},
            "axis": {"title": "epoch k", "tickCount": 8}
            if bottom
            else {"labels": False, "ticks": False, "title": None},
        }
        y = {
            "field": column,
            "type": "quantitative",
            "title": title,
            "scale": {"domain": domain, "nice": False, "type": "log" if log else "linear"},
            "axis": {"minExtent": 56, **_ticks(column, low, high, log)},
        }
        told = {"color": {**colour, "legend": {"title": None, "orient": "top"}}} if i == 0 and len(names) > 1 else {}
        line = {"type": "line", "clip": True, "interpolate": "step-after" if log else "linear"}
        layers: list[lab.Spec] = [
            {
                "transform": [{"filter": f"datum.which == '{name}'"}],
                "mark": {
                    **line,
                    "color": colours[j],
                    "strokeWidth": 2 if j else 3.5,
                    "strokeDash": [5, 4] if j else [1, 0],
                },
                "encoding": {"x": x, "y": y, **told},
            }
            for j, name in enumerate(names)
        ]
        layers.append(_hover(x, y))
        if column == "batch_size" and domain[0] < images < domain[1]:
            layers.append(
                {
                    "data": {"values": [{column: images}]},
                    "mark": {"type": "rule", "strokeDash": [2, 3], "color": theme.colour("textColor")},
                    "encoding": {"y": y},
                }
            )
        views.append({"height": 92 if page.presenting() else 68, "layer": layers})
    return {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "spacing": 8,
        "vconcat": views,
        "config": lab.config(),
    }


def _ticks(column: str, low: float, high: float, log: bool) -> lab.Spec:
    """The ticks of a strip, all in one format: whole powers of ten, or the two ends where there are fewer than two."""
    whole = column in ("batch_size", "updates")
    style: lab.Spec = {"format": ",d" if whole else ".3~e" if (low if log else high) < 1e-3 else "~g"}
    if not log:
        return {"tickCount": 3, **style}
    powers = [10.0**k for k in range(math.ceil(math.log10(low) - 1e-6), math.floor(math.log10(high) + 1e-6) + 1)]
    values = powers[:: math.ceil(len(powers) / 4)] if len(powers) > 1 else sorted({low, high})
    return {"values": values, **style}


def _hover(x: lab.Spec, y: lab.Spec) -> lab.Spec:
    """Values under the pointer."""
    shown = {"which": "schedule", "epoch": "k", "learning_rate": "μ", "batch_size": "B", "noise": "μ/B"}
    numbers = {"updates": "updates", "training_time": "T"}
    return {
        "mark": {"type": "point", "filled": True, "size": 40, "opacity": 0, "clip": True},
        "encoding": {
            "x": x,
            "y": y,
            "tooltip": [
                {"field": field, "title": title, **({"format": ".4~g"} if field not in ("which", "epoch") else {})}
                for field, title in (shown | numbers).items()
            ],
        },
    }


def _totals(drawn: list[Drawn], images: int, momentum: float) -> None:
    rows = []
    for one in drawn:
        end = one.epochs[-1]
        scale = [
            float(theory.noise_scale(epoch.learning_rate, epoch.batch_size, images, momentum))
            for epoch in (one.epochs[0], end)
        ]
        rows.append(
            {
                "schedule": one.name, "updates": end.updates, "T": f"{end.training_time:.4g}",
                "images seen": images * len(one.epochs), "last μ": f"{end.learning_rate:.4g}",
                "last B": end.batch_size, "last μ/B": f"{one.noise[-1]:.4g}",
                "noise scale g": f"{scale[0]:.3g} to {scale[1]:.3g}",
            }
        )  # fmt: skip
    columns = {name: st.column_config.NumberColumn(format="localized") for name in ("updates", "images seen", "last B")}
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns)


def _keras(first: RunSpec) -> None:
    spec = first.model_copy(update={"schedule": "time"})
    ours, keras = learning_rates(spec), equivalence.keras_time_decay(spec)
    frame = pd.DataFrame(
        {
            "which": ["the paper: μ_k+1 = μ_k / (1 + k d)"] * spec.epochs
            + ["Keras: μ_k = μ₀ / (1 + k d)"] * spec.epochs,
            "epoch": [*range(spec.epochs)] * 2,
            "share": [rate / spec.learning_rate for rate in (*ours, *keras)],
        }
    ).astype({"which": "category", "epoch": "int16", "share": "float32"})
    names = list(frame["which"].unique())
    chart = {
        "height": 150,
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "x": {"field": "epoch", "type": "quantitative", "title": "epoch k", "scale": {"nice": False}},
            "y": {
                "field": "share", "type": "quantitative", "title": "μ_k / μ₀", "scale": {"domain": [0, 1]},
                "axis": {"format": ".0%", "tickCount": 4},
            },
            "color": {
                "field": "which", "type": "nominal", "scale": {"domain": names, "range": theme.accents()[:2]},
                "legend": {"title": None, "orient": "top", "columns": 1},
            },
        },
        "config": lab.config(),
    }  # fmt: skip
    said = (
        f"With μ₀ = {spec.learning_rate:g} and {spec.epochs} epochs, so d = μ₀/epochs = "
        f"{spec.learning_rate / spec.epochs:.3g}, the paper's recursion ends at {ours[-1] / ours[0]:.1%} of μ₀ and "
        f"Keras's closed form at {keras[-1] / keras[0]:.1%}."
    )
    st.vega_lite_chart(frame, chart, width="stretch", alt=f"Two time-based decays. {said}")
    lab.takeaway(said)
    st.markdown("The recursion divides by (1 + kd) again in every epoch, so it compounds. d grows with μ₀.")


def _how(first: RunSpec) -> None:
    with st.expander("How we know"):
        st.markdown(
            "μ_k: constant; μ₀ s^⌊k/N_dec⌋; μ₀ e^(−rk); or the paper's time-based recursion. B_k = ⌊B₀ s_B^⌊k/N_dec⌋⌋, "
            "at most N. An epoch has ⌈N/B_k⌉ updates, T is the sum of μ over updates. All as in the paper's section "
            "II. Agreement of μ/B is judged before B_k is cut to whole images. The noise scale g = μ(N/B − 1)/(1 − m) "
            "is Smith & Le's, arXiv 1710.06451, with the momentum of Smith et al., arXiv 1711.00489. At equal μ/B an "
            "epoch also has equal T, up to the last partial batch, so two schedules that agree here cannot tell noise "
            "from training time. The first schedule as a run:"
        )
        st.code(first.command(), language="bash")
