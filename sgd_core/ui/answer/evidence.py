"""The page of the evidence: a verdict on every claim of the paper, all of them in one picture, and a card for each."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import forest
from sgd_core.evidence import ordering, report, verdicts
from sgd_core.evidence.ends import Tables
from sgd_core.evidence.sentences import evidence as sentences
from sgd_core.evidence.verdicts import Verdict
from sgd_core.experiment import claims
from sgd_core.runs.kept.store import PUBLISHED, Store
from sgd_core.ui.answer import arms, cards
from sgd_core.ui.shell import kept, page

PAGE = page.Page(
    slug="Evidence",
    section=page.ANSWER,
    label="The evidence",
    title="What the evidence says",
    question="Noise or training time: which of them does the work?",
    intro="Every claim of the paper, put to a test.",
    next="Noise_lab_Batch_gradient",
    tab="Evidence",
)
ALL = "all"


def show() -> None:
    """Draw the page below its title."""
    found = _verdicts(kept.stamp())
    if not any(each.primary.paired.n for each in found):
        st.info(f"{sentences.summary(found)}: `python -m sgd_core sweep evidence` makes these runs.")
    _page(found)


@st.fragment  # a control here leaves menu and title as they are
@page.plain_errors()
def _page(found: list[Verdict]) -> None:
    place = st.container()
    with st.container(key="controls"):
        one = st.segmented_control(
            "One claim, with its runs", [ALL, *claims.CLAIMS], default=ALL, key=cards.CLAIM, required=True,
            bind="query-params",
        )  # fmt: skip
    if one == ALL:
        with place:
            _summary(found)
        for each in found:
            cards.show(each)
    else:
        chosen = next(each for each in found if each.claim.name == one)
        cards.show(chosen, opened=True)
        arms.show(chosen.claim, _tables(kept.stamp()))
    with st.container(key="details"):
        _limits()


def _summary(found: list[Verdict]) -> None:
    by_name = {each.claim.name: each for each in found}
    st.markdown(f"**{sentences.answer(found)}**")
    epochs = sentences.at_equal_epochs(by_name[sentences.EPOCHS])
    st.markdown(" ".join(f"{said}." for said in (epochs, sentences.summary(found)) if said))
    rows = [cards.row(f"{each.claim.name}  {each.claim.title}", each.primary, each.outcome, sentences.beside(each))
            for each in found]  # fmt: skip
    cards.picture(rows, forest.LOG_TICKS, sentences.picture(found))
    st.caption(f"{cards.LEGEND} {sentences.scope(by_name[sentences.NOISE])}.")


def _limits() -> None:
    both = _beside_the_authors(kept.stamp())
    st.markdown("##### Beside the authors, and what cannot be seen here")
    st.markdown(sentences.ordering(ordering.spearman(both["reported"], both["test_accuracy"]), len(both)))
    st.markdown(sentences.cannot_show(_nearest_neighbour()))


def _nearest_neighbour() -> float | None:
    """The share of test images that the nearest training image names; not kept with the runs yet."""
    return None


@st.cache_resource(max_entries=2, show_spinner=False)
def _tables(stamp: kept.Stamp) -> Tables:
    return report.tables(Store())


@st.cache_resource(max_entries=2, show_spinner=False)
def _verdicts(stamp: kept.Stamp) -> list[Verdict]:
    return verdicts.verdicts(_tables(stamp))


@st.cache_resource(max_entries=2, show_spinner=False)
def _beside_the_authors(stamp: kept.Stamp) -> pd.DataFrame:
    runs = kept.all_runs()
    return ordering.side_by_side(runs[runs["source"] == PUBLISHED])
