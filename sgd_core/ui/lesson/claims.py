"""Pictures of a lesson from the evidence: the curves of a claim's arms, and the verdicts in one picture."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated, Self

from pydantic import model_validator

from sgd_core.charts import arms as arms_chart
from sgd_core.charts import forest, screen
from sgd_core.charts.curves import Style
from sgd_core.errors import UserError
from sgd_core.evidence import arms
from sgd_core.evidence.sentences import evidence as told
from sgd_core.evidence.sentences import lesson as sentences
from sgd_core.evidence.verdicts import Verdict
from sgd_core.experiment.choice import OneOf
from sgd_core.experiment.claims import CLAIMS
from sgd_core.ui.answer import arms as answer_arms
from sgd_core.ui.answer import cards, found
from sgd_core.ui.lesson.picture import Moment, Picture, Shown
from sgd_core.ui.lesson.script import Part
from sgd_core.ui.shell import theme

Name = Annotated[str, OneOf(CLAIMS)]
COVERED = "?"
"""What stands for an outcome that is still covered."""


class Arms(Part):
    """The curves of a claim's arms along T_eff, all or those named; those in `hide` are covered at first."""

    claim: Name
    arms: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _arms_are_the_claim_s(self) -> Self:
        there = list(arms.compared(CLAIMS[self.claim]))
        for field, names, of in (("arms", self.arms, there), ("hide", self.hide, self.arms or there)):
            for name in names:
                if name not in of:
                    raise ValueError(f"must have in {field} only arms that it shows, which {name!r} is none of: "
                                     f"{'; '.join(of)}")  # fmt: skip
        return self


class Forest(Part):
    """A row for every claim, all or those named: first what is claimed, then what was found."""

    claims: tuple[Name, ...] = ()


def curves(settings: Arms, moment: Moment) -> Shown:
    """The arms' curves."""
    claim = CLAIMS[settings.claim]
    table, column = found.curves(claim.name), arms.measure_of(claim)
    table = table[table["arm"].isin(settings.arms or list(table["arm"].unique()))].reset_index(drop=True)
    frame = arms_chart.pack(table, "T_eff")
    if frame.empty:
        raise UserError(f"No run of this picture, of claim {claim.name}, is here yet.")
    covered = list(settings.hide) if moment.presses == 0 else []
    style = _style()
    title, loss = answer_arms.TITLES[column], column.endswith("_loss")
    spec = arms_chart.chart(frame, answer_arms.lines(table), title, "T_eff", loss, style)
    shown = table[~table["arm"].isin(covered)]
    answer = ""
    if moment.presses:
        verdict = next(each for each in found.verdicts() if each.claim.name == claim.name)
        answer = sentences.tested(verdict)
    return Shown(
        screen.filling(spec, style.ink),
        f"{sentences.pictured(title.capitalize(), list(map(str, shown['arm'].unique())), covered, 'T_eff')} {answer}",
        frame[~frame["arm"].isin(covered)].reset_index(drop=True),
        f"Settings: {claim.settings}. Band: from the lowest seed to the highest. Colour: μ/B.",
        answer,
    )


def rows(settings: Forest, moment: Moment) -> Shown:
    """The verdicts; before the press only what is claimed."""
    every = [each for each in found.verdicts() if not settings.claims or each.claim.name in settings.claims]
    if not any(each.primary.paired.n for each in every):
        raise UserError("No run that tests a claim is here yet.")
    shown = [_row(each, covered=moment.presses == 0) for each in every]
    accents, style = theme.accents(), _style()
    colours = {"supported": accents[1], "not supported": accents[0], "cannot tell yet": style.ink, COVERED: style.ink}
    chart = screen.filling(forest.chart(shown, colours, forest.LOG_TICKS, style, screen.ZOOM), style.ink)
    if moment.presses == 0:
        return Shown(chart, f"The claims, without what was found: {'; '.join(row.name for row in shown)}.",
                     read="Blue: where a claim's bar will have to lie for it to hold.")  # fmt: skip
    answer = told.answer(found.verdicts())
    return Shown(chart, told.picture(every), read=cards.LEGEND, answer=f"{answer} {told.summary(every)}.")


def _row(verdict: Verdict, covered: bool) -> forest.Row:
    claim = verdict.claim
    note = told.beside(verdict).partition(" · control")[0]  # what the controls say has no room on a projector
    row = cards.row(f"{claim.name}  {claim.title}", verdict.primary, verdict.outcome, note)
    if not covered:
        return row
    return replace(row, outcome=COVERED, note="", mean=math.nan, low=math.nan, high=math.nan)


def _style() -> Style:
    return Style(theme.colour("textColor"), theme.colour("backgroundColor"), large=True)


PICTURES = {
    "arms": Picture(Arms, lambda settings: 1, curves),
    "verdicts": Picture(Forest, lambda settings: 1, rows),
}
