"""The schedule workbench: what a schedule does to mu_k, B_k, mu_k/B_k, updates and T, and the same noise another way.

Everything is arithmetic on `RunSpec` (1 ms for 150 epochs), so nothing is kept between reruns.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.charts import keras, strips
from sgd_core.evidence.sentences import images as of_images
from sgd_core.evidence.sentences import workbench as sentences
from sgd_core.experiment import paper
from sgd_core.experiment.schedules import Epoch, plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.noise import theory
from sgd_core.ui.noise_lab import second_schedule
from sgd_core.ui.noise_lab.second_schedule import SAME
from sgd_core.ui.shell import lab, page, run_controls, schedule_controls, words
from sgd_core.ui.shell.run_controls import controls_of, draw

START = RunSpec(schedule="step", step_decay=0.375, decay_every=20)
"""Where the controls stand at first: Figure 4's faster decay."""
COMMON = ("dataset", "epochs", "momentum")
"""Fields that both schedules share; those of run_controls.SCHEDULE each has for itself."""
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


@words.fragment  # a control here leaves menu and title as they are
def show() -> None:
    """Draw the page."""
    with page.plain_errors():
        _body()


def _body() -> None:
    with st.container(key="controls"):
        common = _common()
        images = sets.images_of(RunSpec(dataset=common["dataset"]))
        first_column, second_column = st.columns(2, gap="large")
        with first_column:
            words.say("##### First")
            first = _schedule("", common)
            st.button(
                "Same noise, other way", on_click=lab.set_controls, args=({"second": SAME},),
                icon=":material/swap_horiz:",
            )  # fmt: skip
        second: second_schedule.Second | None = None
        with second_column:
            words.say("##### Second")
            with page.plain_errors():
                second = second_schedule.choose(first, images, partial(_schedule, "b_", common))
    drawn = {"first": plan(first, images), **({"second": second.epochs} if second else {})}
    _strips(drawn, images)
    if second:
        words.say(second.sentence + sentences.rounding(drawn["first"], second.epochs, second.agreeing))
    _totals(drawn, images, first.momentum)
    with st.expander("Time-based decay: the paper's recursion beside Keras's", expanded=first.schedule == "time"):
        _keras(first)
    with st.container(key="details"):
        carried = run_controls.link_of(first, (*COMMON, *run_controls.SCHEDULE))
        st.link_button(
            "Train the first schedule", page.address("Train", carried), icon=":material/play_arrow:",
            type="tertiary", help="In a tab of its own.",
        )  # fmt: skip
        _how(first)


def _common() -> dict[str, Any]:
    """The controls of what both schedules share, by field."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        sizes = {name: sets.images_of(RunSpec(dataset=name)) for name in sets.offered()}
        data = draw("dataset", START, help=of_images.sizes(sizes))
        epochs = draw("epochs", START, width=200)
        momentum = draw(
            "momentum", START, label="Momentum m (for T_eff and g)", width=250,
            help="It counts in the table under the strips: T_eff/(1 − m) is how far a constant gradient would have "
            "moved the weights, g = μ(N/B − 1)/(1 − m) how strong the noise is once momentum adds up 1/(1 − m) "
            "gradients. The strips show the schedule, without m.",
        )  # fmt: skip
    return {"dataset": data, "epochs": epochs, "momentum": momentum}


def _schedule(prefix: str, common: dict[str, Any]) -> RunSpec:
    """The controls of one schedule; what does not matter for it is greyed out."""
    key = f"{prefix}preset"
    st.menu_button("Load one of the paper's", list(PRESETS), key=key, on_click=_load, args=(key, prefix))
    schedule = draw("schedule", START, prefix, label="Learning rate")
    left, right = st.columns(2, gap="medium")
    rate = draw("learning_rate", START, prefix, left, label="μ₀")
    batch = draw("batch_size", START, prefix, right, label="B₀")
    shape = schedule_controls.sliders(schedule, START, prefix, columns=2)
    return RunSpec.parse({**common, "schedule": schedule, "learning_rate": rate, "batch_size": batch, **shape})


def _load(key: str, prefix: str) -> None:
    spec = PRESETS[st.session_state[key]]
    lab.set_controls(controls_of(spec, run_controls.SCHEDULE, prefix) | controls_of(spec, COMMON))


def _strips(drawn: dict[str, list[Epoch]], images: int) -> None:
    plans = list(drawn.values())
    said = sentences.does(plans[0]) if len(plans) == 1 else sentences.compared(plans[0][-1], plans[1][-1])
    said += sentences.rests(drawn)
    rows = strips.frame(drawn)
    chart = strips.compared(rows, images, lab.look())
    st.vega_lite_chart(
        rows, chart, width="stretch",
        alt=f"Learning rate, batch size, their ratio, updates and training time for every epoch. {said}",
    )  # fmt: skip
    lab.takeaway(said)


def _totals(drawn: dict[str, list[Epoch]], images: int, momentum: float) -> None:
    rows = []
    for name, epochs in drawn.items():
        end = epochs[-1]
        scale = [
            float(theory.noise_scale(epoch.learning_rate, epoch.batch_size, images, momentum))
            for epoch in (epochs[0], end)
        ]
        rows.append(
            {
                "schedule": name, "updates": end.updates, "T": f"{end.training_time:.4g}",
                "T_eff": f"{end.effective_time:.4g}",
                "images seen": images * len(epochs), "last μ": f"{end.learning_rate:.4g}", "last B": end.batch_size,
                "last μ/B": f"{end.learning_rate / end.batch_size:.4g}",
                "noise scale g": f"{scale[0]:.3g} to {scale[1]:.3g}",
            }
        )  # fmt: skip
    columns: dict[str, Any] = {
        name: st.column_config.NumberColumn(format="localized") for name in ("updates", "images seen", "last B")
    }
    columns["T_eff"] = st.column_config.TextColumn(
        help="Σ μ_t (1 − m^(t+1)) over updates t: 1 − m times how far a constant gradient would have moved the "
        "weights. It is below T because momentum has to build up."
    )
    columns["noise scale g"] = st.column_config.TextColumn(help=sentences.noise_scale_counts())
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns)


def _keras(first: RunSpec) -> None:
    said = sentences.keras(first)
    st.vega_lite_chart(
        keras.frame(first), keras.chart(lab.look()), width="stretch",
        alt=f"Two time-based decays. {said}",
    )  # fmt: skip
    lab.takeaway(said)
    words.say("The recursion divides by (1 + kd) again in every epoch, so it compounds. d grows with μ₀.")


def _how(first: RunSpec) -> None:
    with st.expander("How we know"):
        words.say(
            "μ_k: constant; μ₀ s^⌊k/N_dec⌋; μ₀ e^(−rk); or the paper's time-based recursion. B_k = ⌊B₀ s_B^⌊k/N_dec⌋⌋, "
            "at most N. An epoch has ⌈N/B_k⌉ updates, T is the sum of μ over updates. All as in the paper's section "
            "II. Agreement of μ/B is judged before B_k is cut to whole images. The noise scale g = μ(N/B − 1)/(1 − m) "
            "is Smith & Le's, arXiv 1710.06451, with the momentum of Smith et al., arXiv 1711.00489. "
            f"{sentences.noise_scale_counts()} At equal μ/B an "
            "epoch also has equal T, up to the last partial batch, so two schedules that agree here cannot tell noise "
            "from training time. The first schedule as a run:"
        )
        st.code(first.command(), language="bash")
