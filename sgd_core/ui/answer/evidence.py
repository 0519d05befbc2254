"""The page of the evidence: a verdict on every claim of the paper, all of them in one picture, and a card for each."""

from __future__ import annotations

import streamlit as st

from sgd_core.charts import forest
from sgd_core.evidence import ordering
from sgd_core.evidence.sentences import evidence as sentences
from sgd_core.evidence.verdicts import Verdict
from sgd_core.experiment import claims
from sgd_core.ui.answer import arms, cards, equal_time, found
from sgd_core.ui.shell import library, page, words

PAGE = page.Page(
    slug=cards.SLUG,
    section=page.ANSWER,
    label="The evidence",
    title="What the evidence says",
    question="Noise or training time: which of them does the work?",
    intro="Every claim of the paper, put to a test.",
    next="Sharpness",
    tab="Evidence",
)
ALL = "all"


def show() -> None:
    """Draw the page below its title."""
    _page()


@words.fragment  # a control here leaves menu and title as they are
@page.plain_errors()
def _page() -> None:
    every = found.verdicts()
    if not any(each.primary.paired.n for each in every):
        st.info(f"{sentences.summary(every)}: `python -m sgd_core sweep evidence` makes these runs.")
    place = st.container()
    with st.container(key="controls"):
        one = st.segmented_control(
            "One claim, with its runs", [ALL, *claims.CLAIMS, claims.MAP_NAME], default=ALL, key=cards.CLAIM,
            required=True, bind="query-params",
        )  # fmt: skip
    if one == ALL:
        with place:
            _summary(every)
        for each in every:
            cards.show(each)
        page.link("The map: equal training time at every B and μ", cards.SLUG, {cards.CLAIM: claims.MAP_NAME})
    elif one == claims.MAP_NAME:
        equal_time.show()
    else:
        chosen = next(each for each in every if each.claim.name == one)
        cards.show(chosen, opened=True)
        arms.show(chosen.claim)
    with st.container(key="details"):
        _limits()


def _summary(every: list[Verdict]) -> None:
    by_name = {each.claim.name: each for each in every}
    words.say(f"**{sentences.answer(every)}**")
    epochs = sentences.at_equal_epochs(by_name[sentences.EPOCHS])
    words.say(" ".join(f"{said}." for said in (epochs, sentences.summary(every)) if said))
    rows = [cards.row(f"{each.claim.name}  {each.claim.title}", each.primary, each.outcome, sentences.beside(each))
            for each in every]  # fmt: skip
    cards.picture(rows, forest.LOG_TICKS, sentences.picture(every))
    words.caption(f"{cards.LEGEND} {sentences.scope(by_name[sentences.NOISE])}.", "control")


def _limits() -> None:
    both = found.beside_the_authors()
    words.say("##### Beside the authors, and what cannot be seen here")
    words.say(sentences.ordering(ordering.spearman(both["reported"], both["test_accuracy"]), len(both)))
    words.say(sentences.cannot_show(library.neighbours()))
    words.say(sentences.without_twins(found.without_twins()))
