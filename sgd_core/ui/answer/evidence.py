"""The page of the evidence: a verdict on every claim of the paper, all of them in one picture, and a card for each."""

from __future__ import annotations

import streamlit as st

from sgd_core.charts import document, forest
from sgd_core.charts.curves import Style
from sgd_core.charts.forest import Row
from sgd_core.errors import UserError
from sgd_core.evidence import ordering
from sgd_core.evidence.sentences import evidence as sentences
from sgd_core.evidence.sentences import verdicts as told
from sgd_core.evidence.verdicts import Verdict
from sgd_core.experiment import claims
from sgd_core.ui.answer import arms, cards, equal_time, found
from sgd_core.ui.shell import kept, library, page, theme, words
from sgd_core.ui.shell.shared import shared

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
    words.say(f"**{sentences.answer(every)}**")
    words.say(_counted(every))
    cards.picture(_rows(every), forest.LOG_TICKS, sentences.picture(every))
    words.caption(_legend(every), "control")


def _counted(every: list[Verdict]) -> str:
    epochs = sentences.at_equal_epochs(_named(every, sentences.EPOCHS))
    return " ".join(f"{said}." for said in (epochs, sentences.summary(every)) if said)


def _rows(every: list[Verdict]) -> list[Row]:
    return [
        cards.row(f"{each.claim.name}  {each.claim.title}", each.primary, each.outcome, sentences.beside(each))
        for each in every
    ]


def _legend(every: list[Verdict]) -> str:
    return f"{cards.LEGEND} {sentences.scope(_named(every, sentences.NOISE))}."


def _named(every: list[Verdict], name: str) -> Verdict:
    return next(each for each in every if each.claim.name == name)


def _limits() -> None:
    words.say("##### Beside the authors, and what cannot be seen here")
    for said in _limited():
        words.say(said)


def _limited() -> list[str]:
    return _limited_by(kept.stamp())


@shared
def _limited_by(stamp: kept.Stamp) -> list[str]:
    both = found.beside_the_authors()
    return [
        sentences.ordering(ordering.spearman(both["reported"], both["test_accuracy"]), len(both)),
        sentences.cannot_show(library.neighbours()),
        sentences.without_twins(found.without_twins()),
    ]


def html() -> str:
    """All claims in one picture and what was found of each, as a file of a site; raises UserError without any run."""
    every = found.verdicts()
    if not any(each.primary.paired.n for each in every):
        raise UserError(f"{sentences.summary(every)}.")
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"))
    claims = [f"**{each.claim.name} · {each.claim.title}.** {told.verdict(each)} {each.claim.caveat}" for each in every]
    return document.html(
        PAGE.title, document.with_data(cards.drawn(_rows(every), forest.LOG_TICKS, style), None),
        sentences.picture(every), [f"**{sentences.answer(every)}**", _counted(every)],
        [_legend(every), *claims, *_limited()],
        library.provenance(found.runs()),
        style.ink, style.paper, site=True,
    )  # fmt: skip
