"""The first page: ten vegetables, two batches, one button, and the way through the app.

It moves at once and answers nothing: what the runs show is for the lesson to ask first.
"""

from __future__ import annotations

import streamlit as st

from sgd_core.charts import batches
from sgd_core.evidence.sentences import start as sentences
from sgd_core.experiment import paper
from sgd_core.runs.kept.table import spec_of
from sgd_core.ui.figures import presets
from sgd_core.ui.lesson import lesson
from sgd_core.ui.shell import lab, library, page, words
from sgd_core.ui.shell.live import component
from sgd_core.ui.start import photographs

PAGE = page.Page(
    slug=page.START,
    section="",
    label="Start",
    title="What decides what SGD finds?",
    question="What decides what SGD finds?",
    intro="A network learns to tell ten vegetables apart. Stochastic gradient descent shows it a batch of **B** "
    "photographs, moves by the learning rate **μ**, and takes the next batch. What do these two numbers decide?",
    next=page.LESSON,
    tab="What does SGD find?",
)
SIZES = (16, 512)
"""The paper's smallest batch and its largest."""
WIDEST, WALK = 1000, 380
"""Pixels of the picture, and of the walk below it."""
FIRST_LESSON = "full"


def show(sections: page.Sections) -> None:
    """Draw the first page below its title; `sections` is the way through the app."""
    strip = photographs.strip()
    if strip:
        st.html(strip)
    chart = batches.film(SIZES, paper.TRAIN_IMAGES, photographs.address(), paper.TRAIN_IMAGES // 3, lab.look())
    with st.container(width=WIDEST):
        lab.draw(chart, sentences.pictured(SIZES, paper.TRAIN_IMAGES))
    words.caption(sentences.read(paper.TRAIN_IMAGES))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if st.button("Begin", type="primary", icon=":material/play_arrow:"):
            st.switch_page(page.file_of(page.LESSON), query_params={lesson.NAME: FIRST_LESSON, lesson.STEP: "1"})
        for section in (page.FIGURES, page.ANSWER):
            to = sections[section][0]
            st.page_link(to.file, label=section if section == page.FIGURES else to.title)
    _walk()
    _path(sections)
    _questions()
    _runs()


def _walk() -> None:
    """SGD itself, small: the noise that all of this is about."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        with st.container(width=WALK):
            component.small("walk")
        with st.container(width="stretch"):
            words.say(sentences.WALK)
            st.page_link(page.file_of("Noise_lab_Live"), label="Move B and μ while it runs")


def _path(sections: page.Sections) -> None:
    with st.expander("The way through, page by page"):
        for section, pages in sections.items():
            if not section:
                continue
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                words.caption(section, width="content")
                for each in pages:
                    st.page_link(each.file, label=each.label)


def _questions() -> None:
    with st.expander("For a class: questions to ask"), st.container(horizontal=True):
        for preset in presets.PRESETS:
            preset.link()


def _runs() -> None:
    with st.expander("The runs behind it"):
        runs = library.published_runs()
        if runs.empty:
            st.info("No run is published yet.")
            return
        found = {run.name for run in paper.RUNS if (runs["question"] == run.spec.question()).any()}
        arms = sum(paper.find(spec_of(row)) is None for row in runs.to_dict("records"))
        words.say(sentences.published(len(found), len(paper.RUNS), arms))
        for line in library.provenance(runs):
            words.caption(line)
