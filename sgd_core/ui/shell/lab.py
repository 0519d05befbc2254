"""What the pages of the noise lab share: controls in the URL, the seed, the precomputed table, how charts look.

Every simulation is made once for all visitors (shell.shared), so that a slider moved back, or a control that does not
concern a simulation, costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import pandas as pd
import streamlit as st

from sgd_core import settings
from sgd_core.charts.look import Look, Spec
from sgd_core.ui.shell import browser, link, page, theme, words
from sgd_core.ui.shell.shared import shared

T = TypeVar("T")


def seed() -> int:
    """The seed of the page's random numbers, in the URL; its place is at the end, as it changes no lesson."""
    with st.container(key="controls-seed"):
        return int(
            st.number_input(
                "Seed", 0, 9999, 0, key="seed", bind="query-params", width=110,
                help="The same seed gives the same random numbers; another seed draws everything anew.",
            )
        )  # fmt: skip


def set_controls(values: dict[str, Any]) -> None:
    """Set controls by key; for the `on_click` of a button."""
    st.session_state.update(values)


def scenes(each: Mapping[str, Mapping[str, Any]]) -> None:
    """A row of buttons, each of which sets the controls to what is worth seeing."""
    with st.container(horizontal=True, gap="small", width="content"):
        for name, values in each.items():
            st.button(name, on_click=set_controls, args=(dict(values),), key=f"scene {name}")


def slide(
    label: str,
    options: Sequence[T],
    value: T,
    key: str,
    help: str | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> T:
    """A slider over `options` that stands in the URL."""
    link.leave_behind(key, lambda brought: brought in options)
    return st.select_slider(label, options, value=value, key=key, bind="query-params", help=help, width=width)


def pick(label: str, options: Sequence[str], key: str, help: str | None = None, labelled: bool = True) -> str:
    """One of `options`, the first at first, in the URL; not `labelled`: the label is for screen readers only."""
    return str(
        st.segmented_control(
            label, options, default=options[0], key=key, bind="query-params", required=True, help=help,
            label_visibility="visible" if labelled else "collapsed",
        )
    )  # fmt: skip


def part(controls: Mapping[str, Sequence[str]], key: str = "part") -> str:
    """The part of the page that is shown, the first at first; in the URL. Name of a part -> keys of its controls.

    A part fills a screen or two. A link that names no part but a control is to the part that has it.
    """
    asked = (name for name, own in controls.items() if any(each in st.query_params for each in own))
    if not {key} & {*st.query_params, *st.session_state} and (name := next(asked, None)):
        st.session_state[key] = name
    with st.container(key=f"controls-{key}"):
        return pick("Part of the page", list(controls), key, labelled=False)


def look() -> Look:
    """Colours of the theme that the reader has on, and the size of a projector where it is."""
    return Look(
        theme.colour("textColor"), theme.colour("backgroundColor"), theme.colour("borderColor"),
        tuple(theme.accents()), page.presenting(), browser.still(),
    )  # fmt: skip


def config(**more: Any) -> Spec:
    """The `config` of a chart of the look."""
    return look().config(**more)


def precomputed_table() -> pd.DataFrame | None:
    """The table of `noise.precomputed`, or None, said on the page, where it has not been computed."""
    path = settings.published_dir() / "noise.parquet"
    if not path.is_file():
        st.info("Not computed yet: `python -m sgd_core noise`.")
        return None
    return _table(path, path.stat().st_mtime)


@shared
def _table(path: Path, stamp: float) -> pd.DataFrame:
    return pd.read_parquet(path)


def draw(chart: Spec, said: str, frame: pd.DataFrame | None = None) -> None:
    """Show a chart, of `frame` where its numbers are not in itself; `said` is its text for those who cannot see it.

    Not by Altair, which validates every chart at every rerun: 12 ms where a description of one's own takes 3.
    """
    st.vega_lite_chart(frame, chart, width="stretch", alt=said)


def takeaway(sentence: str) -> None:
    """The one sentence under a picture."""
    words.say(f"**{sentence}**")
