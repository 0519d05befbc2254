"""The controls that ask for a run: one RunSpec, or several that differ in one setting, all of it in the URL.

Keys and options are those of the schedule workbench, so that a link carries a schedule from there to here. A setting
that does not matter for the schedule stays where it is and is greyed out, so that nothing jumps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from sgd_core import settings
from sgd_core.evidence.sentences import images as of_images
from sgd_core.evidence.sentences.words import plain
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs.kept.store import PUBLISHED
from sgd_core.ui.shell import kept, lab, page, schedule_controls, words
from sgd_core.ui.shell.run_controls import CONTROLS, controls_of, draw
from sgd_core.ui.train import many

STARTS = {
    "vegetables": RunSpec(views=33),
    "shapes": RunSpec(dataset="shapes", epochs=30, learning_rate=4e-4, features="random", views=4),
}
"""Where the controls stand at first: the paper's nominal run, and a short one that needs no download. On two cores it
ends 48 s after the first Start, the making of features included."""
OF_IMAGES = ("epochs", "batch_size", "learning_rate", "features", "views")
"""Fields that go to their start again when other images are chosen."""
EPOCHS = 30
"""Of a first run on a reader's own images."""
MORE = ("label_noise", "images_per_class", "head", "dropout", "features", "views")
"""Fields whose controls are folded away."""


def start_of(data: str) -> RunSpec:
    """Where the controls stand at first for a set of images."""
    return STARTS.get(data) or RunSpec(dataset=data, epochs=EPOCHS, views=EPOCHS + 3)


def run(told: Callable[[RunSpec], None]) -> tuple[RunSpec, list[RunSpec]]:
    """The run that the controls ask for, and all that are to be queued in one go: it alone, or several like it.

    What a slider changes is said beside it by `told`. In presentation size what steers a lesson stays: B and μ₀.
    """
    _say_images()
    with st.container(key="controls-images"):
        data = _images()
    start = start_of(data)
    values: dict[str, Any] = {"dataset": data}
    with st.container(key="ask", gap="small" if page.presenting() else "xsmall"):
        values |= {field: draw(field, start) for field in ("batch_size", "learning_rate")}
        beside = st.container()
    with st.container(key="controls-ask"):
        several = st.container()
        values["schedule"] = draw("schedule", start)
        values |= schedule_controls.sliders(values["schedule"], start)
        values |= {field: draw(field, start) for field in ("epochs", "momentum")}
        values["seed"] = draw("seed", start, width=110)
        with st.expander("Labels, images, head, features"):
            values |= {field: draw(field, start) for field in MORE}
        _copy()
    spec = RunSpec.parse(values)
    with several:
        wanted = many.runs(spec)
    with beside:
        told(spec)
    return spec, wanted


def _copy() -> None:
    with st.popover("Copy settings from a published run", icon=":material/tune:"):
        for title, spec in reversed(kept.published_settings().items()):
            st.button(
                plain(title), key=f"vary {title}", type="tertiary", on_click=lab.set_controls,
                args=(controls_of(spec),),
            )  # fmt: skip


def _images() -> str:
    data = str(draw("dataset", STARTS[sets.PAPERS], default=None, on_change=_load_start))
    if data not in STARTS:
        words.caption(plain(of_images.own(sets.listed(data))))
    if settings.explore_only():  # strangers learn nothing of this machine's folders, and can fetch nothing
        return data
    if data == sets.PAPERS and not sets.at_hand(data):
        words.caption(
            f"The vegetables are not on this machine ({sets.vegetables()}): `python -m sgd_core data fetch` gets "
            "them. The shapes work at once."
        )
    for trouble in sets.troubles():
        words.caption(f":material/warning: {plain(trouble)}")
    return data


def _say_images() -> None:
    """Put the images into the link, whatever they are: at first those that are here, which differ between machines.

    A link without them, but with another control, means the paper's everywhere.
    """
    key = CONTROLS["dataset"].key
    if key in st.session_state or st.query_params.get(key) in sets.offered():
        return
    asks = any(control.key in st.query_params for control in CONTROLS.values())
    st.session_state[key] = sets.PAPERS if asks else _first()
    if key not in st.query_params:
        st.query_params[key] = st.session_state[key]


def _first() -> str:
    """The images on which there is most to see: those published where nothing is trained, else those at hand."""
    if settings.explore_only():
        runs = kept.all_runs()
        published = runs.loc[runs["source"] == PUBLISHED, "dataset"].value_counts()
        return str(published.index[0]) if len(published) else sets.PAPERS
    own = [name for name in sets.offered() if name not in STARTS]
    return next(name for name in (sets.PAPERS, *own, "shapes") if sets.at_hand(name))


def _load_start() -> None:
    lab.set_controls(controls_of(start_of(st.session_state[CONTROLS["dataset"].key]), OF_IMAGES))
