"""The images that a run still gets wrong at its end: a strip of photographs, or a table where these are not at hand.

A run is chosen by a click on its end in the chart above (`ends`), or by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd
import streamlit as st

from sgd_core import settings
from sgd_core.evidence import wrong
from sgd_core.evidence.sentences import wrong as sentences
from sgd_core.evidence.wrong import End, Found
from sgd_core.images.places import Split
from sgd_core.runs.kept.store import IMPORTED
from sgd_core.runs.kept.table import spec_of
from sgd_core.ui.shell import at_hand, ends, kept, words
from sgd_core.ui.shell.at_hand import Images
from sgd_core.ui.shell.shared import shared

CHOSEN, SPLIT = "wrong", "of"
MOST = 40
"""Photographs of a strip: 130 kB."""
_OF_RUN = ["run", "key", "seed", "views", "data_fingerprint", "own"]
MEASURE = f"--probe {wrong.PROBE} --probe-epochs last"
STYLE = """
<style>
ul.wrong { display: flex; flex-wrap: wrap; gap: 0.75rem; padding: 0; margin: 0; list-style: none; }
ul.wrong li { width: 6rem; margin: 0; font-size: 0.8rem; line-height: 1.3; overflow-wrap: anywhere; }
ul.wrong img { display: block; width: 6rem; height: 6rem; border-radius: 0.3rem; margin-bottom: 0.2rem; }
ul.wrong b, ul.wrong small { display: block; }
ul.wrong small { opacity: 0.8; }
ul.wrong + p { margin: 0.5rem 0 0; font-size: 0.8rem; opacity: 0.8; }
ul.wrong + p a { color: inherit; }
</style>
"""


@dataclass(frozen=True)
class _Shown:
    """One image of the strip."""

    index: int
    name: str
    true: str
    said: str
    twin: bool | None
    everywhere: bool | None


def show(runs: pd.DataFrame, command: str, others: bool = False) -> None:
    """Draw the choice of a run and, once one is chosen, what it gets wrong.

    `runs` are rows of all runs that the chart compares, `run` being the curve that each belongs to; `command` measures
    all of them. With `others` any run of a curve's settings stands in where none of its own was measured.
    """
    found = _ends(runs, tuple(runs["key"]), tuple(runs["run"]), others, kept.stamp())
    if not found:
        if not settings.explore_only():  # a visitor cannot measure it
            words.caption(sentences.not_measured("a run", command))
        return
    names = [str(run) for run in runs["run"].unique()]
    if st.session_state.get(CHOSEN) not in (None, *names):
        del st.session_state[CHOSEN]
    ends.listen(CHOSEN)
    with st.container(key="controls-wrong"):
        chosen = st.pills(
            "Still wrong at the end of", names, key=CHOSEN, bind="query-params",
            help="Or click the value at the end of a curve.",
        )  # fmt: skip
    if chosen is None:
        return
    rows = runs[runs["run"] == chosen]
    if chosen not in found:
        words.caption(sentences.not_measured(str(chosen), f"{spec_of(rows.iloc[0].to_dict()).command()} {MEASURE}"))
        return
    _strip(found[str(chosen)], list(found.values()), str(rows.iloc[0]["dataset"]))


@shared
def _ends(
    _runs: pd.DataFrame, keys: tuple[str, ...], names: tuple[str, ...], others: bool, stamp: kept.Stamp
) -> dict[str, End]:
    """What of the runs is known, reckoned once for all visitors: 10 ms with a figure's 50 runs."""
    runs = _runs.assign(own=True)
    every = runs
    if others:
        listed = kept.all_runs()
        listed = listed[(listed["source"] != IMPORTED) & ~listed["key"].isin(runs["key"])]
        curves = _questions(runs, listed["seed"].unique().tolist())
        same = listed[listed["question"].isin(curves)]
        same = same.assign(run=same["question"].map(curves), own=False)
        every = pd.concat([every[_OF_RUN], same[_OF_RUN]], ignore_index=True)
    found = tuple(every["key"])
    last = kept.epochs_of(found).groupby("key")["epoch"].max()
    return wrong.ends(every, {str(key): int(at) for key, at in last.items()}, kept.measured_by(wrong.PROBE, found))


def _questions(runs: pd.DataFrame, seeds: Sequence[int]) -> dict[str, str]:
    """Question -> curve, of the settings of these runs at every one of the seeds."""
    specs = {row["run"]: spec_of(row) for row in runs.to_dict("records")}
    return {spec.model_copy(update={"seed": s}).question(): run for run, spec in specs.items() for s in seeds}


def _strip(end: End, every: Sequence[End], dataset: str) -> None:
    with st.container(key="controls-wrong-of"):
        splits = list(end.splits)
        chosen: Split | None = st.segmented_control(
            "Images", splits, default=splits[0], key=SPLIT, bind="query-params", required=True,
            format_func=sentences.OF.__getitem__,
        )  # fmt: skip
    split = chosen or splits[0]
    found, images = end.splits[split], at_hand.find(dataset, end.fingerprint)
    classes = wrong.class_names(end.fingerprint) or (images.classes if images is not None else None)
    everywhere, twins = wrong.in_all(every, split), wrong.with_twins(end.fingerprint, split)
    words.say(_told(split, found, classes, everywhere, twins, wrong.compared(every, split)))
    words.caption(sentences.whose(end.run, end.seed, end.views, end.own))
    shown = [
        _Shown(
            image.index, wrong.place(end.fingerprint, split, image.index) or f"image {image.index}",
            sentences.class_name(classes, image.true), sentences.class_name(classes, image.said),
            None if twins is None else image.index in twins,
            None if everywhere is None else image.index in everywhere,
        ) for image in found.listed
    ]  # fmt: skip
    shown.sort(key=lambda each: not each.everywhere)
    addresses = [images.address(split, each.index) for each in shown[:MOST]] if images is not None else []
    if images is not None and addresses and all(addresses):
        _photographs(shown, addresses, images)
    elif shown:
        _table(shown)


def _told(
    split: Split,
    found: Found,
    classes: Sequence[str] | None,
    everywhere: frozenset[int] | None,
    twins: frozenset[int] | None,
    runs: int,
) -> str:
    wrong_here, confused = {image.index for image in found.listed}, wrong.confused(found.listed)
    named = None
    if confused is not None:
        true, said, times = confused
        named = sentences.class_name(classes, true), sentences.class_name(classes, said), times
    near = None if twins is None else len(twins & wrong_here)
    return sentences.told(split, found, named, near, None if everywhere is None else len(everywhere), runs)


def _photographs(shown: Sequence[_Shown], addresses: Sequence[str], images: Images) -> None:
    items = "".join(_item(each, address) for each, address in zip(shown, addresses, strict=False))
    credit = f"<p>{images.credit}</p>" if images.credit else ""
    st.html(f'{STYLE}<ul class="wrong">{items}</ul>{credit}')
    if cut := sentences.cut(len(addresses), len(shown)):
        words.caption(cut)


def _item(each: _Shown, address: str) -> str:
    said = escape(sentences.said_of(each.true, each.said))
    marks = sentences.marks(bool(each.twin), bool(each.everywhere))
    return (
        f'<li><img src="{address}" alt="{said}" title="{escape(each.name)}">{escape(each.true)}'
        f"<b>→ {escape(each.said)}</b><small>{marks}</small></li>"
    )


def _table(shown: Sequence[_Shown]) -> None:
    table = pd.DataFrame(list(shown))
    titles = {
        "name": "image", "true": "what it is", "said": "taken for", "twin": "near-twin in training",
        "everywhere": "wrong in all runs",
    }  # fmt: skip
    known = table[list(titles)].dropna(axis="columns", how="all")
    st.dataframe(known, hide_index=True, column_config=titles, height="content" if len(known) <= 12 else 440)
