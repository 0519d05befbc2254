"""A card for one claim: what it says, the verdict, the difference as a picture, how sure that is, and its control."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from sgd_core.charts import forest
from sgd_core.charts.curves import Spec, Style
from sgd_core.charts.forest import Row, Tick
from sgd_core.evidence.sentences import evidence as sentences
from sgd_core.evidence.sentences import verdicts as told
from sgd_core.evidence.sentences.words import are, counted
from sgd_core.evidence.verdicts import Finding, Outcome, Verdict
from sgd_core.experiment.claims import MEASURES, Measure
from sgd_core.ui.shell import page, theme, words

SLUG, CLAIM = "Evidence", "claim"
"""The page, and its control that says which claim's card stands open."""
BADGES: dict[Outcome, str] = {"supported": "blue", "not supported": "primary", "cannot tell yet": "gray"}
LEGEND = (
    "Bar: 95% interval over seeds; dot: its mean; arrow: it goes on. Blue: where the bar has to lie for the claim to "
    "hold, and a little further, as nine claims are tested at once (Holm). Grey: differences that count as none. "
    "Control: a comparison that could refute the claim's reason speaks for it, against it, or is open."
)


def show(found: Verdict, opened: bool = False) -> None:
    """Draw the card of a claim; `opened` leaves out the way to its runs, which then stand below."""
    claim, measure = found.claim, MEASURES[found.primary.comparison.measure]
    with st.container(border=True):
        words.say(f"##### {claim.name} · {claim.title} :{BADGES[found.outcome]}-badge[{found.outcome}]")
        words.say(f"*{claim.statement}*")
        picture(_rows(found), _ticks(measure), told.verdict(found))
        words.say(f"{_capital(told.finding(found.primary))}. {told.why(found)}")
        words.say(
            f"Seeds: **{found.primary.paired.n}** of {claim.seeds} planned · margin: **{told.margin(measure)}** · "
            f"would have found 8 times in 10: a true difference of **{sentences.would_have_found(found)}**"
        )
        for control, result in found.controls:
            words.say(f"- {told.control(control, result, found)}")
        weights = sentences.by_weights(claim)
        if weights:
            words.say(weights)
        if opened:
            _also(found)
        words.caption(" ".join(part for part in (claim.caveat, f"({claim.settings})") if part))
        if not opened:  # a plain link, as a button would leave the reader where the long page ended
            page.link("Its runs: curves and settings", SLUG, {CLAIM: claim.name})


def _also(found: Verdict) -> None:
    """What is compared besides; of 3b every cell, training and test images apart."""
    there = [each for each in found.secondary if each.paired.n]
    missing = len(found.secondary) - len(there)
    if there:
        rows = [row(_capital(sentences.also(each.comparison)), each, each.outcome, sentences.beside_row(each), True)
                for each in there]  # fmt: skip
        words.say("**Compared besides, each by itself**")
        measures = [MEASURES[each.comparison.measure] for each in there]
        alike = len({measure.scale for measure in measures}) == 1
        said = "; ".join(f"{each.name}: {each.outcome}, {each.note}" for each in rows)
        picture(
            rows, _ticks(measures[0]) if alike else forest.MARGIN_TICKS, f"Compared besides, each by itself. {said}."
        )
        if not alike:
            words.caption(sentences.in_margins(there))
    if missing:
        words.caption(f"{counted(missing, 'more comparison')} {are(missing)} still without runs.")


def row(name: str, found: Finding, outcome: Outcome, note: str, light: bool = False) -> Row:
    """A comparison as a row of the picture, in margins of its measure."""
    margin = MEASURES[found.comparison.measure].margin
    low, high = found.paired.interval()
    return Row(
        name, outcome, note, found.comparison.kind, found.paired.mean / margin, low / margin, high / margin, light
    )


def picture(rows: Sequence[Row], ticks: Sequence[Tick], said: str) -> None:
    """Draw rows as a forest plot; `said` is its text for those who cannot see it."""
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), page.presenting())
    st.vega_lite_chart(None, drawn(rows, ticks, style), width="stretch", alt=said)


def drawn(rows: Sequence[Row], ticks: Sequence[Tick], style: Style) -> Spec:
    """The forest plot of some rows in the theme's colours."""
    accents = theme.accents()
    colours = {"supported": accents[1], "not supported": accents[0], "cannot tell yet": _faint(style)}
    return forest.chart(rows, colours, ticks, style)


def _rows(found: Verdict) -> list[Row]:
    first = row(_capital(found.primary.comparison.words), found.primary, found.outcome,
                sentences.beside_row(found.primary))  # fmt: skip
    controls = [
        row(f"Control: {control.comparison.words}", result, result.outcome, sentences.beside_row(result), light=True)
        for control, result in found.controls
    ]
    return [first, *controls]


def _ticks(measure: Measure) -> Sequence[Tick]:
    if measure.scale == "log":
        return forest.LOG_TICKS
    return [Tick(points / measure.margin, f"{points:+g} points" if points else "equal") for points in (-5, -2, 0, 2, 5)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _faint(style: Style) -> str:
    """Half-way between ink and ground."""
    both = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (style.ink, style.paper)]
    return "#" + "".join(f"{round(0.6 * ink + 0.4 * paper):02x}" for ink, paper in zip(*both, strict=True))
