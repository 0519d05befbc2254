"""The page on sharpness: along runs, between two ends, rescaled, and beside the edge of stability."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import sharpness as chart
from sgd_core.evidence import sharper
from sgd_core.evidence.sentences import sharpness as sentences
from sgd_core.evidence.sharper import Compared, Place
from sgd_core.evidence.sharpness import MEASURES
from sgd_core.experiment.measurements import MEASUREMENTS
from sgd_core.ui.answer import sharp_between, sharp_edge, sharp_rescaled, sharp_tables
from sgd_core.ui.shell import lab, page, words

PAGE = page.Page(
    slug="Sharpness",
    section=page.ANSWER,
    label="Sharp or just unfinished?",
    title="Sharp or just unfinished?",
    question="Do large batches end in sharper minima?",
    intro="How curved the loss is, by its largest second derivative (eigenvalue), depends on how far a run has come.",
    next="Noise_lab_Live",
    tab="Sharpness",
)
ALONG, RESCALED, LINE = "Along training", "As sharp as you like", "From end to end"
PLANE, EDGE = "Both ways on a map", "How near the edge"
PLACES: dict[str, Place] = {
    "equal epochs": "trained", "equal T_eff": "effective_time", "equal training loss": "reported_loss",
}  # fmt: skip


def show() -> None:
    """Draw the page below its title."""
    _page()


@words.fragment  # a control here leaves menu and title as they are
@page.plain_errors()
def _page() -> None:
    shown = lab.part({ALONG: ["at", "measure"], RESCALED: [], LINE: ["line"], PLANE: ["plane"], EDGE: []})
    if shown == ALONG:
        _along(sharp_tables.along())
    elif shown == RESCALED:
        sharp_rescaled.show()
    elif shown == LINE:
        sharp_between.line()
    elif shown == PLANE:
        sharp_between.plane()
    else:
        sharp_edge.show()
    with st.container(key="details"):
        _how()


def _along(rows: pd.DataFrame) -> None:
    picture = st.container()
    with st.container(key="controls", horizontal=True, gap="medium"):
        place = lab.pick("Compare at", list(PLACES), "at")
        measure = lab.pick("Measure", list(MEASURES), "measure")
    of = rows[rows["measure"] == measure]
    with picture:
        if of.empty:
            st.info(f"Not measured yet: {sentences.command('sharpness')}.")
            return
        found = {each: sharper.compared(of, each) for each in PLACES.values()}
        _picture(of, measure, PLACES[place], found[PLACES[place]])
    lab.takeaway(sentences.takeaway(measure, found["trained"], found["effective_time"], found["reported_loss"]))
    words.say(sentences.standing(found[PLACES[place]], PLACES[place]))
    words.caption(
        " ".join(
            part
            for part in (
                "One line a seed; dashed: where runs are compared. Of the mean cross-entropy on all 2,967 training "
                "images, dropout off; bars: two standard errors of an estimate from random vectors.",
                sentences.missing(sharper.lacking(rows)),
            )
            if part
        )
    )


def _picture(of: pd.DataFrame, measure: str, place: Place, found: Compared | None) -> None:
    names = [sharper.shown_of(spec) for spec in MEASUREMENTS["sharpness"].runs]
    colours = dict(zip(names, lab.look().accents, strict=False))
    at = found.place if found is not None else None
    said = f"The {measure} of the loss along runs, compared at {sentences.AT[place]}. "
    lab.draw(chart.along(of, place, at, measure, colours, lab.look()), said + sentences.standing(found, place))


def _how() -> None:
    with st.expander("How we know"):
        words.say(
            "Largest eigenvalue: Lanczos' method on Hessian-vector products, to 1%. Trace: Hutchinson's method, 8 "
            "random vectors. Scale-free sharpness: Σ w²H over all weights, H the diagonal of the Hessian, also from 8 "
            "vectors: the average-case, elementwise adaptive sharpness of Andriushchenko et al. 2302.07011, whose "
            "worst-case form is ASAM (Kwon et al. 2102.11600). All on the random crops that the epoch is scored on.\n\n"
            "Runs are compared where the one that comes least far ends, by geometric means over seeds. Between two "
            "measured epochs a run is read along a straight line on log axes. Runs within 10% are not ranked. T_eff = "
            "Σ μ_t (1 − m^(t+1)) over updates. That sharp minima generalise worse is the claim of Keskar et al. "
            "1609.04836; that rescaling can make any minimum sharp is shown by Dinh et al. 1703.04933; the edge 2/μ of "
            "full-batch descent, with momentum 2(1+m)/μ, is that of Cohen et al. 2103.00065."
        )
