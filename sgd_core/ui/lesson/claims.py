"""Pictures of a lesson from the evidence: the curves of a claim's arms, and the verdicts in one picture."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated, Self

import pandas as pd
from pydantic import model_validator

from sgd_core.charts import arms as arms_chart
from sgd_core.charts import forest, guesses, screen
from sgd_core.charts.axes import AXES
from sgd_core.charts.curves import Measure, Style
from sgd_core.charts.guesses import Sheet
from sgd_core.errors import UserError
from sgd_core.evidence import arms
from sgd_core.evidence import guesses as guessed
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

    @property
    def covered(self) -> str:
        return self.hide[0] if len(self.hide) == 1 else ""


class Forest(Part):
    """A row for every claim, all or those named: first what is claimed, then what was found."""

    claims: tuple[Name, ...] = ()


def curves(settings: Arms, moment: Moment) -> Shown:
    """The arms' curves."""
    claim, table = CLAIMS[settings.claim], _table(settings)
    frame, measure = arms_chart.pack(table, "T_eff"), _measure(settings, moment.presses == 0)
    covered = list(settings.hide) if moment.presses == 0 else []
    shown = table["arm"][~table["arm"].isin(covered)]
    answer = _answer(settings, table, moment, measure.loss) if moment.presses else ""
    said = sentences.pictured(measure.title.capitalize(), list(map(str, shown.unique())), covered, "T_eff")
    alt = f"{said} {answer}"
    read = f"Settings: {claim.settings}. Band: from the lowest seed to the highest. Colour: μ/B."
    if moment.drawn:
        seconds = guesses.SECONDS if moment.presses else 0.0
        on_it = _sheet(settings, moment.presses == 0)
        return Shown({}, alt, read=read, answer=answer, seconds=seconds, sheet=on_it)
    style = _style()
    spec = arms_chart.chart(
        frame, answer_arms.lines(table), measure.title, "T_eff", measure.loss, style, measure.domain
    )
    return Shown(
        screen.filling(spec, style.ink),
        alt,
        frame[~frame["arm"].isin(covered)].reset_index(drop=True),
        read,
        answer,
    )


def sheet(settings: Arms) -> Sheet:
    """The axes and the arms that are not covered, for one that is to be drawn."""
    return _sheet(settings, covered=True)


def _sheet(settings: Arms, covered: bool) -> Sheet:
    table, measure = _table(settings), _measure(settings, covered)
    frame = arms_chart.pack(table, "T_eff").rename(columns={"arm": "run", "mean": "y"})
    scale = AXES["effective"].scale(frame["x"])
    points = frame.assign(position=scale.position(frame["x"]))
    asked = [settings.covered] if covered else []
    shown = table["arm"][~table["arm"].isin(asked)]
    alt = sentences.pictured(measure.title.capitalize(), list(map(str, shown.unique())), asked, "T_eff")
    drawn = guesses.sheet(answer_arms.lines(table), points, settings.covered, scale, measure, alt)
    return drawn if covered else drawn.revealed(guesses.curve(points, settings.covered))


def _table(settings: Arms) -> pd.DataFrame:
    """The curves of the picture's arms; raises UserError where there are none."""
    table = found.curves(settings.claim)
    table = table[table["arm"].isin(settings.arms or list(table["arm"].unique()))].reset_index(drop=True)
    if not (table["effective_time"] > 0).any():
        raise UserError(f"No run of this picture, of claim {settings.claim}, is here yet.")
    return table


def _measure(settings: Arms, covered: bool) -> Measure:
    """What the y axis shows: nothing of it comes from arms while they are covered."""
    column, table = arms.measure_of(CLAIMS[settings.claim]), _table(settings)
    loss = column.endswith("_loss")
    frame = arms_chart.pack(table, "T_eff")
    if not settings.hide:
        domain = arms_chart.domain(frame, loss)
    elif not loss:
        domain = (0.0, 1.0)
    else:
        known = frame[~frame["arm"].isin(settings.hide)]
        domain = guesses.free(pd.concat([known["low"], known["high"]]))
        if not covered:
            domain = min(domain[0], float(frame["low"].min())), max(domain[1], float(frame["high"].max()))
    return Measure(answer_arms.TITLES[column], domain, loss)


def _answer(settings: Arms, table: pd.DataFrame, moment: Moment, loss: bool) -> str:
    verdict = next(each for each in found.verdicts() if each.claim.name == settings.claim)
    ends = [guessed.end(each) for each in moment.guesses if not isinstance(each, int)]
    truth = table["mean"][table["arm"] == settings.covered]
    held = sentences.guessed(ends, float(truth.iloc[-1]), loss) if ends and len(truth) else ""
    return f"{held} {sentences.tested(verdict)}".strip()


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
        covered = f"The claims, without what was found: {'; '.join(row.name for row in shown)}."
        read = "Blue: where a claim's bar will have to lie, and a little further, for it to hold."
        return Shown(chart, covered, read=read)
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
    "arms": Picture(Arms, lambda settings: 1, curves, sheet),
    "verdicts": Picture(Forest, lambda settings: 1, rows),
}
