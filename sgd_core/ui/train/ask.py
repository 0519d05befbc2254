"""The controls that ask for a run: one RunSpec, or several that differ in one setting, all of it in the URL.

Keys and options are those of the schedule workbench, so that a link carries a schedule from there to here. A setting
that does not matter for the schedule stays where it is and is greyed out, so that nothing jumps.
"""

from __future__ import annotations

import streamlit as st

from sgd_core import settings
from sgd_core.evidence.sentences import train as sentences
from sgd_core.evidence.sentences.words import plain
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.queue.engine import PER_VISITOR
from sgd_core.ui.shell import kept, lab, run_controls, schedule_controls, words
from sgd_core.ui.shell.run_controls import CONTROLS, SEVERAL, controls_of, draw

STARTS = {
    "vegetables": RunSpec(views=33),
    "shapes": RunSpec(dataset="shapes", epochs=30, learning_rate=4e-4, features="random", views=4),
}
"""Where the controls stand at first: the paper's nominal run, and a short one that needs no download. On two cores its
curve moves 16 to 19 s after the first Start, and it ends after 48 s, the making of features included."""
OF_IMAGES = ("epochs", "batch_size", "learning_rate", "features", "views")
"""Fields that go to their start again when other images are chosen."""
MORE = ("label_noise", "images_per_class", "features", "views")
"""Fields whose controls are folded away."""
ONE, SEEDS = "this run", "seeds"


def run() -> RunSpec:
    """The run that the controls ask for."""
    asked = run_controls.asked()
    above = st.container()
    data = _images()
    start = STARTS[data]
    values = {"dataset": data, **{field: draw(field, start) for field in ("batch_size", "learning_rate", "schedule")}}
    values |= schedule_controls.sliders(values["schedule"], start)
    values |= {field: draw(field, start) for field in ("epochs", "momentum")}
    values["seed"] = draw("seed", start, width=110)
    with st.expander("Labels, images, features"):
        values |= {field: draw(field, start) for field in MORE}
    for key, (text, used) in run_controls.not_offered(asked).items():
        above.caption(f":material/info: {sentences.not_offered(key, text, used)}")
    return RunSpec.parse(values)


def several(spec: RunSpec) -> list[RunSpec]:
    """All runs that are to be queued in one go: `spec` alone, or it with several seeds or values of one setting."""
    names = {SEVERAL[field].name: field for field in SEVERAL if field in spec.settings()}
    what = st.segmented_control(
        "Train one run, or several at once", [ONE, SEEDS, *names], default=ONE, key="several", required=True,
        bind="query-params",
        help="Several seeds show how much is chance. Several values of a setting show what it does.",
    )  # fmt: skip
    if what == SEEDS:
        count = st.slider(
            "Number of seeds, from this one on", 2, PER_VISITOR, 3, key="count", width=260, bind="query-params"
        )
        return [spec.model_copy(update={"seed": spec.seed + i}) for i in range(count)]
    if what in names:
        field, offered = names[what], SEVERAL[names[what]]
        chosen = st.multiselect(
            f"Values of {what}", list(offered.values), list(offered.first), key=f"values_{field}", width=420,
            max_selections=PER_VISITOR, bind="query-params",
        )  # fmt: skip
        return run_controls.varied(spec, field, chosen)
    return [spec]


def _images() -> str:
    have = (settings.data_dir() / "train").is_dir()
    with st.popover("Copy settings from a published run", icon=":material/tune:"):
        for title, spec in reversed(kept.published_settings().items()):
            st.button(
                plain(title), key=f"vary {title}", type="tertiary", on_click=lab.set_controls,
                args=(controls_of(spec),),
            )  # fmt: skip
    data = str(draw("dataset", STARTS["vegetables" if have else "shapes"], on_change=_load_start))
    if data == "vegetables" and not have:
        words.caption(
            f"The vegetables are not on this machine ({settings.data_dir()}): `python -m sgd_core data fetch` gets "
            "them. The shapes work at once."
        )
    return data


def _load_start() -> None:
    lab.set_controls(controls_of(STARTS[st.session_state[CONTROLS["dataset"].key]], OF_IMAGES))
