"""The noise lab's opening page: SGD that obeys while it moves, with the theory of its cloud drawn around it.

Everything that moves is computed in the browser, see `shell.live`; the server only writes settings into the link.
"""

from __future__ import annotations

import streamlit as st

from sgd_core.evidence.sentences import live as sentences
from sgd_core.noise import gradients
from sgd_core.ui.shell import lab, page, words
from sgd_core.ui.shell.live import component
from sgd_core.ui.shell.live.settings import Settings

SCENES = {
    "Small steps, one μ/B": Settings(),
    "In equal time": Settings((0.2, 1.6), (4, 32), time="mu", speed=240),
    "Long steps": Settings((0.4, 6.4), (8, 128), replacement=True),
    "B near N": Settings((0.1, 0.8), (16, 128), time="mu", speed=240),
    "Beyond the edge": Settings((12.8, 25.6), (64, 128)),
    "A wide cloud": Settings((0.4, 3.2), (8, 8), lock=False),
    "Momentum": Settings((0.05, 0.1), (8, 16), m=0.9),
}
"""Settings worth seeing, by the name on their button."""

PAGE = page.Page(
    slug="Noise_lab_Live",
    section=page.NOISE_LAB,
    label="Live",
    title="SGD, live",
    question="Why does doubling B and doubling μ leave the cloud as it was?",
    intro="Move a slider while two walks of SGD run. Dashed is theory, solid what the walkers do.",
    next="Noise_lab_Batch_gradient",
)


def show() -> None:
    """Draw the page."""
    body = st.container()
    seed = lab.seed()
    with body, page.plain_errors():
        _walks(seed)
        words.say(sentences.ARGUMENT)
        words.say(sentences.ENDS)
        _scenes()
        with st.container(key="details"), st.expander("How we know"):
            words.say(sentences.how(gradients.IMAGES, component.WALKERS))


@words.fragment
def _walks(seed: int) -> None:
    component.walks("live", seed)


def _scenes() -> None:
    with st.container(key="controls-scenes", horizontal=True, gap="small"):
        for name, settings in SCENES.items():
            st.button(name, on_click=component.to_link, args=(settings,))
