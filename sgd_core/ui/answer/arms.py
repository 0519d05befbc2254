"""The runs behind a card: the curves of its arms, their settings, and the way to train one like them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import arms as chart
from sgd_core.charts.curves import Line, Spec, Style
from sgd_core.evidence import arms
from sgd_core.evidence.sentences import evidence as sentences
from sgd_core.evidence.sentences.words import counted, plain
from sgd_core.experiment.claims import Arm, Claim
from sgd_core.experiment.spec import RunSpec
from sgd_core.ui.answer import found
from sgd_core.ui.shell import kept, page, replay, theme, words
from sgd_core.ui.shell.run_controls import CONTROLS, link_of
from sgd_core.ui.shell.shared import shared

TITLES = {
    "test_loss": "test loss (log axis)", "reported_loss": "loss on the training images (log axis)",
    "reported_accuracy": "the paper's accuracy", "test_accuracy": "test accuracy",
}  # fmt: skip


def show(claim: Claim) -> None:
    """Draw the arms of a claim: curves, settings, and links."""
    words.say("##### Its runs")
    _curves(claim)
    _settings(claim)
    with st.container(key="controls-arms"):
        _links(claim)


def _curves(claim: Claim) -> None:
    with st.container(key="controls-along"):
        along = str(
            st.segmented_control(
                "Along", list(chart.AXES), default="T_eff", key="along", required=True, bind="query-params",
                help="T_eff: how far a constant gradient would have moved the weights, momentum's memory included.",
            )
        )  # fmt: skip
    column = arms.measure_of(claim)
    frame = _packed(claim.name, along, kept.stamp())
    if frame.empty:
        st.info("No run of these arms is here yet.")
        return
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), page.presenting())
    loss = column.endswith("_loss")
    said, spec = _chart(claim.name, along, column, style, theme.dark(), kept.stamp())
    st.vega_lite_chart(frame, spec, width="stretch", alt=said)
    words.caption(f"Line: mean over seeds{' (geometric)' * loss}; band: from the lowest seed to the highest. {said}")


@shared
def _packed(claim: str, along: str, stamp: kept.Stamp) -> pd.DataFrame:
    return chart.pack(found.curves(claim), along)


@shared
def _chart(claim: str, along: str, column: str, style: Style, dark: bool, stamp: kept.Stamp) -> tuple[str, Spec]:
    """What is said of the chart, and its description; made once for all visitors of one theme and size."""
    frame, curves, loss = _packed(claim, along, stamp), found.curves(claim), column.endswith("_loss")
    drawn = chart.chart(frame, lines(curves), TITLES[column], along, loss, style, chart.domain(frame, loss))
    return sentences.curves(curves, TITLES[column], loss), drawn


def lines(curves: pd.DataFrame) -> list[Line]:
    """Colour by mean mu/B, cold to hot; arms of equal mu/B differ in their dashes."""
    noise = replay.noise_of(curves.rename(columns={"arm": "run"}))
    colours = theme.by_noise(noise)
    before: list[str] = []
    lines = []
    for name, colour in zip(noise.index, colours, strict=True):
        lines.append(Line(str(name), colour, replay.DASHES[before.count(colour) % len(replay.DASHES)]))
        before.append(colour)
    return lines


def _settings(claim: Claim) -> None:
    table = found.settings(claim.name)
    settings = [kept.title_of(arm.spec) + _read(arm) for arm in claim.arms.values()]
    number = st.column_config.NumberColumn
    st.dataframe(
        table.assign(settings=settings)[["arm", "seeds", "noise", "T", "T_eff", "updates", "settings"]],
        hide_index=True, alt="The settings of every arm, and how many seeds of it there are.",
        column_config={
            "settings": st.column_config.TextColumn(width="large"), "updates": number(format="localized"),
            "T": number(format="%.3g"), "T_eff": number(format="%.3g"), "noise": number("μ₀/B₀", format="%.2g"),
        },
    )  # fmt: skip


def _read(arm: Arm) -> str:
    """Where along its run an arm is read, if not at the end."""
    if arm.time is not None:
        return f", read at T={arm.time:g}"
    return f", read after epoch {arm.epoch}" if arm.epoch is not None else ""


def _links(claim: Claim) -> None:
    offered = {name: arm.spec for name, arm in arms.compared(claim).items() if not _left_out(arm.spec)}
    rest = len(arms.compared(claim)) - len(offered)
    if offered:
        words.say("**Train one yourself**")
    with st.container(horizontal=True, gap="small"):
        for name, spec in offered.items():
            st.page_link(
                page.file_of("Train"), label=plain(name), icon=":material/tune:", query_params=link_of(spec)
            )  # fmt: skip
    if rest:
        words.caption(f"{counted(rest, 'arm')} of these can only be trained by the command line: "
                   f"`python -m sgd_core sweep evidence --claim {claim.name}`.")  # fmt: skip


def _left_out(spec: RunSpec) -> list[str]:
    """Settings of a run that the Train page's controls do not carry over as they are."""
    default = RunSpec()
    kept = {field: control.offers.value(control.shown(spec)) for field, control in CONTROLS.items()}
    return [field for field in spec.settings() if kept.get(field, getattr(default, field)) != getattr(spec, field)]
