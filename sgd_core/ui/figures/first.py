"""The first page: the paper's question, one moving picture of the answer, and the way through the app."""

from __future__ import annotations

import streamlit as st

from sgd_core.charts import curves, opening
from sgd_core.charts.axes import AXES
from sgd_core.charts.curves import Style
from sgd_core.evidence import alignment
from sgd_core.evidence.sentences import start as sentences
from sgd_core.experiment import paper
from sgd_core.runs.kept.table import spec_of
from sgd_core.ui.figures import presets
from sgd_core.ui.shell import library, page, theme, words
from sgd_core.ui.shell.replay import lines

PAGE = page.Page(
    slug=page.START,
    section="",
    label="Start",
    title="What decides what SGD finds?",
    question="What decides what SGD finds?",
    intro="Two numbers steer stochastic gradient descent: the batch size **B** and the learning rate **μ**. Lynn and "
    'Maljković (EPFL, "Assessment of the Generalization Error of SGD in Deep Neural Network") train one network 27 '
    "times and argue that what counts is the noise of the steps, which goes as **μ/B**. Here are their runs, made "
    "again on their images. Watch the first figure: one learning rate, batches from 16 to 512.",
    next=page.LESSON,
    tab="What does SGD find?",
)


def show(sections: page.Sections) -> None:
    """Draw the first page below its title; `sections` is the way through the app."""
    _picture()
    for each in sections.get(page.CLASS, []):
        st.page_link(each.file, label=f"{page.CLASS}: {each.label.lower()}, question by question, for a projector",
                     icon=":material/co_present:")  # fmt: skip
    _path(sections)
    _runs()


def _picture() -> None:
    rows = library.figure_rows(1)
    if rows["run"].nunique() < 2:
        st.info("The runs of Figure 1 are not published yet.")
        return
    mean = library.figure_curves(1, "reported_accuracy")
    by_epoch, by_time = AXES["epoch"], AXES["time"]
    frame = mean.rename(columns={"mean": "y"}).assign(
        seed=curves.MEAN,
        before=by_epoch.scale(mean["epoch"]).position(mean["epoch"]),
        position=by_time.scale(mean["training_time"]).position(mean["training_time"]),
    )
    ends = library.figure_finals(1)["final_reported_accuracy"].astype(float)
    at = alignment.shared_end(mean, "training_time")
    equal = alignment.spread_at(mean, "training_time", at)
    floor = int((float(ends.min()) - 0.2) * 20) / 20
    takeaway = sentences.takeaway(list(ends), equal)
    st.vega_lite_chart(
        curves.pack(frame[[name for name in curves.TYPES if name in frame]])[0],
        opening.chart(
            lines(1, rows, mean),
            floor,
            Style(theme.colour("textColor"), theme.colour("backgroundColor"), page.presenting()),
        ),
        width="stretch",
        alt=f"The runs of Figure 1 gliding between two x axes, epochs and training time. {takeaway}.",
    )
    words.say(
        f"**{takeaway}.** Accuracy here is the paper's: the share of the training images recognised, on random "
        "crops. Smaller batches take more steps per epoch, so they have trained for longer, and their steps are "
        "noisier; both go as μ/B. Which of the two does the work? That is what this app is for."
    )
    page.link("See it yourself: Figure 1", presets.FIGURE_PAGES[1], {"x": "T"})


def _path(sections: page.Sections) -> None:
    st.markdown("### The way through")
    replay, why, ask = st.columns(3, gap="large")
    for place, section in enumerate((name for name in sections if name not in ("", page.CLASS)), start=1):
        with replay if section == page.FIGURES else why:
            st.markdown(f"**{place}. {section}**")
            for each in sections[section]:
                st.page_link(each.file, label=each.title if section == page.FIGURES else each.label)
    with ask:
        st.markdown("**For a class: questions to ask**")
        for preset in presets.PRESETS:
            preset.link()


def _runs() -> None:
    runs = library.published_runs()
    st.markdown("### The runs")
    if runs.empty:
        st.info("No run is published yet.")
        return
    found = {run.name for run in paper.RUNS if (runs["question"] == run.spec.question()).any()}
    arms = sum(paper.find(spec_of(row)) is None for row in runs.to_dict("records"))
    words.say(
        f"{sentences.published(len(found), len(paper.RUNS), arms)}: the "
        f"paper's images ({paper.TRAIN_IMAGES:,} to train on, {paper.VALIDATION_IMAGES} to validate, and 2,000 more to "
        "test), frozen AlexNet features, and a new three-layer head for every run. Each page says what the paper "
        "claims, what its chart can and cannot show, and where every number comes from."
    )
    for title, text in library.provenance_lines(runs):
        words.caption(f"**{title}.** {text}")
