"""The controls that ask for a run: one RunSpec, or several that differ in one setting, all of it in the URL.

Keys and options are those of the schedule workbench, so that a link carries a schedule from there to here. A setting
that does not matter for the schedule stays where it is and is greyed out, so that nothing jumps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import streamlit as st

from sgd_core import settings
from sgd_core.experiment.schedules import SCHEDULES
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.queue.engine import PER_VISITOR
from sgd_core.ui.shell import kept, lab, schedule_controls
from sgd_core.ui.shell.choices import BATCHES, IMAGES, RATES
from sgd_core.ui.shell.run_controls import ALL, MOST_EPOCHS, PER_CLASS, VIEWS, controls_of

DEFAULTS: dict[str, dict[str, Any]] = {
    "vegetables": {"epochs": 150, "B": 16, "mu": "1e-4", "features": "imagenet", "views": 33},
    "shapes": {"epochs": 30, "B": 16, "mu": "4e-4", "features": "random", "views": 4},
}
"""Where the sliders stand at first: the paper's nominal run, and a short one that needs no download. On two cores its
curve moves 16 to 19 s after the first Start, and it ends after 48 s, the making of features included."""
ONE, SEEDS = "this run", "seeds"
CONTROLS = (
    "data", "B", "mu", "schedule", *schedule_controls.KEYS, "epochs", "m", "seed", "wrong", "per_class", "features",
    "views",
)  # fmt: skip
"""Keys of the settings of a run."""
LONGEST = 30
"""Characters of a value in a link that are repeated to the reader."""
BOUND: dict[str, Any] = {"bind": "query-params"}


@dataclass(frozen=True)
class Varied:
    """A setting of which several values can be asked for in one go."""

    field: str
    values: list[str]
    start: list[str]


VARIED = {
    "B": Varied("batch_size", [str(batch) for batch in BATCHES], ["16", "64", "256"]),
    "μ₀": Varied("learning_rate", RATES, ["1e-4", "4e-4", "16e-4"]),
    "s": Varied("step_decay", ["0.1", "0.25", "0.375", "0.5", "0.75", "0.9"], ["0.25", "0.5", "0.75"]),
    "r": Varied("decay_rate", ["0.01", "0.02", "0.05", "0.1", "0.25", "0.5", "1", "2"], ["0.1", "0.25", "0.5"]),
    "N_dec": Varied("decay_every", ["1", "2", "4", "6", "8", "10", "15", "20", "30", "60"], ["2", "6", "10"]),
    "s_B": Varied("batch_growth", ["1", "1.25", "1.5", "2", "3", "4"], ["1", "1.5", "2"]),
    "m": Varied("momentum", ["0", "0.5", "0.8", "0.9", "0.95", "0.99"], ["0", "0.9"]),
}


def run() -> RunSpec:
    """The run that the controls ask for."""
    # Streamlit drops such a value from the link once its control is made, so it is named once, when the link is opened.
    in_link = {key: st.query_params[key] for key in CONTROLS if key in st.query_params and key not in st.session_state}
    above = st.container()
    data = _images()
    start = DEFAULTS[data]
    batch = st.select_slider("B₀, images per update", BATCHES, value=start["B"], key="B", **BOUND)
    rate = st.select_slider("μ₀, learning rate", RATES, value=start["mu"], key="mu", **BOUND)
    schedule = str(
        st.segmented_control(
            "Learning rate over time",
            list(SCHEDULES),
            default="constant",
            key="schedule",
            required=True,
            help=schedule_controls.formulas(),
            **BOUND,
        )
    )
    shape = schedule_controls.sliders(schedule)
    epochs = st.slider("Epochs", 1, MOST_EPOCHS, start["epochs"], key="epochs", **BOUND)
    momentum = st.slider("m, momentum", 0.0, 0.99, 0.9, 0.01, key="m", **BOUND)
    seed = st.number_input(
        "Seed", 0, 9999, 0, key="seed", width=110, **BOUND,
        help="It decides the first weights, the order of the images and dropout. The same seed repeats a run exactly.",
    )  # fmt: skip
    more = _more(start)
    for key, value in in_link.items():
        used = st.session_state[key]
        if not _is(value, used):
            above.caption(f":material/info: {key}={kept.plain(value[:LONGEST])} is not offered; {used} is used.")
    return RunSpec.parse(
        {
            "dataset": data, "batch_size": batch, "learning_rate": float(rate), "epochs": epochs, "schedule": schedule,
            "seed": seed, "momentum": momentum, **shape, **more,
        }
    )  # fmt: skip


def several(spec: RunSpec) -> list[RunSpec]:
    """All runs that are to be queued in one go: `spec` alone, or it with several seeds or values of one setting."""
    matter = [name for name, varied in VARIED.items() if varied.field in spec.settings()]
    what = st.segmented_control(
        "Train one run, or several at once", [ONE, SEEDS, *matter], default=ONE, key="several", required=True,
        **BOUND, help="Several seeds show how much is chance. Several values of a setting show what it does.",
    )  # fmt: skip
    if what == SEEDS:
        count = st.slider("Number of seeds, from this one on", 2, PER_VISITOR, 3, key="count", width=260, **BOUND)
        return [spec.model_copy(update={"seed": spec.seed + i}) for i in range(count)]
    if what in VARIED:
        varied = VARIED[what]
        chosen = st.multiselect(
            f"Values of {what}", varied.values, varied.start, key=f"values_{varied.field}", width=420,
            max_selections=PER_VISITOR, **BOUND,
        )  # fmt: skip
        return [RunSpec.parse({**spec.model_dump(), varied.field: float(value)}) for value in chosen]
    return [spec]


def _images() -> str:
    have = (settings.data_dir() / "train").is_dir()
    with st.popover("Copy settings from a published run", icon=":material/tune:"):
        for title, spec in reversed(kept.published_settings().items()):
            st.button(
                kept.plain(title), key=f"vary {title}", type="tertiary", on_click=lab.set_controls,
                args=(controls_of(spec),),
            )  # fmt: skip
    data = str(
        st.segmented_control(
            "Images", list(IMAGES), default="vegetables" if have else "shapes", key="data", required=True,
            on_change=_load_defaults, **BOUND,
            help="The paper's photographs, or ten kinds of drawn shapes that need no download.",
        )
    )  # fmt: skip
    if data == "vegetables" and not have:
        st.caption(
            f"The vegetables are not on this machine ({settings.data_dir()}): `python -m sgd_core data fetch` gets "
            "them. The shapes work at once."
        )
    return data


def _more(start: dict[str, Any]) -> dict[str, Any]:
    with st.expander("Labels, images, features"):
        noise = st.slider(
            "Share of wrong labels", 0.0, 0.9, 0.0, 0.05, key="wrong", **BOUND,
            help="So many training labels are wrong. The images for validation keep their true ones.",
        )  # fmt: skip
        per_class = st.select_slider("Training images per class", PER_CLASS, value=ALL, key="per_class", **BOUND)
        features = st.segmented_control(
            "Features", ["imagenet", "random"], default=start["features"], key="features", required=True, **BOUND,
            help="What the frozen layers were trained on. ImageNet's weights are downloaded once (233 MB).",
        )  # fmt: skip
        views = st.select_slider(
            "V, sets of random crops", VIEWS, value=start["views"], key="views", **BOUND,
            help="Each is made once, by the first run that needs it, and then used by every run.",
        )  # fmt: skip
    return {
        "label_noise": noise, "features": features, "views": views,
        "images_per_class": None if per_class == ALL else per_class,
    }  # fmt: skip


def _is(text: str, value: object) -> bool:
    """Whether a control has the value that a link asks for."""
    try:
        return math.isclose(float(text), float(str(value)))
    except ValueError:
        return text == str(value)


def _load_defaults() -> None:
    lab.set_controls(DEFAULTS[st.session_state["data"]])
