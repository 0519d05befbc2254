"""Links for a teacher: a page with its controls set, and the question to ask the class when it is on the wall."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from sgd_core.ui.shell import page, words


@dataclass(frozen=True)
class Preset:
    """One link: which page, which controls (as they stand in the URL), and what to ask."""

    slug: str
    title: str
    page: str
    question: str
    controls: dict[str, str | list[str]] = field(default_factory=dict)

    def link(self, before: str = "") -> None:
        """A link to the page, set as this preset says; `before` stands before its title."""
        page.link(before + self.title, self.page, {**self.controls, "preset": self.slug})


FIGURE_PAGES = {
    1: "Figure_1_Batch_size",
    2: "Figure_2_Learning_rate",
    3: "Figure_3_Decay",
    4: "Figure_4_Growing_batch",
}

PRESETS = (
    Preset(
        "guess-512", "Guess before you see", FIGURE_PAGES[1],
        "B=16 ends near the top. Where will B=512 end, with the same learning rate and the same number of epochs? "
        "Set the slider to the class's guess, then reveal.",
        {"predict": "true", "hide": ["B=512"]},
    ),
    Preset(
        "equal-updates", "Equal updates instead of equal epochs", FIGURE_PAGES[1],
        "After 150 epochs B=512 has taken 900 steps and B=16 has taken 27,900. Who is ahead when both have taken 900?",
        {"x": "Updates"},
    ),
    Preset(
        "equal-time", "The curves fall together", FIGURE_PAGES[1],
        "Lay the runs along training time T, the sum of μ over updates. What is left of the difference between batch "
        "sizes, and what does that say about noise as its cause?",
        {"x": "T"},
    ),
    Preset(
        "fit-or-generalise", "Which accuracy is it?", FIGURE_PAGES[1],
        "The paper's accuracy was measured on the training images, with random crops. What changes, and what does not, "
        "on the 409 validation images?",
        {"metric": "Validation accuracy"},
    ),
    Preset(
        "same-colour", "Same colour, same μ/B", FIGURE_PAGES[2],
        "A solid and a dashed curve of one colour have the same μ/B but not the same B and μ. Do they agree?",
    ),
    Preset(
        "how-long", "How long must the learning rate stay high?", FIGURE_PAGES[3],
        "Every decaying run starts at μ = 0.01. Play the epochs: when does each one stop improving, and what has its "
        "learning rate fallen to by then?",
        {"x": "Epoch"},
    ),
    Preset(
        "grow-or-shrink", "Grow the batch or shrink the step?", FIGURE_PAGES[4],
        "Both runs have the same μ/B in every epoch. One of them takes far fewer steps: which, how many fewer, and "
        "what does it lose?",
        {"x": "Updates"},
    ),
)  # fmt: skip


def by_slug(slug: str | None) -> Preset | None:
    """The preset of that name, or None."""
    return next((preset for preset in PRESETS if preset.slug == slug), None)


def question() -> None:
    """The question of the preset in the URL, if there is one, and the way to the next."""
    preset = by_slug(st.query_params.get("preset"))
    if preset is not None:
        with st.container(border=True):
            words.say(f":material/co_present: **{preset.title}**  \n{preset.question}")
            PRESETS[(PRESETS.index(preset) + 1) % len(PRESETS)].link("Next question: ")
