"""How a step asks for a guess: its covered curve is drawn on the picture's own axes, or one of its options chosen.

The projector and a student's phone ask alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from sgd_core.charts.guesses import Sheet
from sgd_core.errors import UserError
from sgd_core.evidence.guesses import Curve, Guess, Options, Range, parsed_guess
from sgd_core.ui.lesson import drawing
from sgd_core.ui.lesson.picture import Shown
from sgd_core.ui.lesson.pictures import PICTURES
from sgd_core.ui.lesson.script import Step

Question = Sheet | Options


def question(step: Step) -> Question | None:
    """What a step asks for, in the colours of this reader's theme; raises UserError where its picture is not there."""
    if step.guess is None:
        return None
    if step.guess.kind == "choice":
        return step.guess.choice
    picture = PICTURES[step.picture]
    if picture.sheet is None:
        raise UserError(f"The picture {step.picture} has no curve to draw.")
    return picture.sheet(picture.settings.model_validate(step.settings))


def asked(question: Question) -> Range | Options:
    """What a guess may be: what `parsed_guess` wants to know."""
    return question.range if isinstance(question, Sheet) else question


def ask(question: Question, key: str, guess: Guess | None = None, locked: bool = False) -> Guess | None:
    """Draw where a guess is made, and return it, None while there is none; `guess` is what was guessed before.

    A curve fills the height of its place. It comes once a stroke has ended, and may be drawn anew until `locked`.
    """
    if isinstance(question, Options):
        return _choose(question, key, guess if isinstance(guess, int) else None, locked)
    before = None if isinstance(guess, int) else guess
    raw = drawing.canvas(question, key, [before] if before else [], drawable=not locked)
    return _taken(question.range, raw, before)


def show(shown: Shown, key: str, guesses: Sequence[Guess] = ()) -> None:
    """Draw a picture, with these guesses on it where they are curves; a truth that was covered plays over them."""
    if shown.sheet is None:
        st.vega_lite_chart(shown.frame, shown.chart, width="stretch", height="stretch", alt=shown.alt)
        return
    drawing.canvas(shown.sheet, key, [each for each in guesses if not isinstance(each, int)], drawable=False)


def _taken(asked: Range, raw: object, before: Curve | None) -> Guess | None:
    """The curve that the browser sent: None before it sends one anew, [] where it was taken back."""
    if raw is None:
        return before
    if raw == []:
        return None
    try:
        return parsed_guess(asked, raw)
    except UserError as error:
        st.toast(str(error))
        return before


def _choose(options: Options, key: str, guess: int | None, locked: bool) -> int | None:
    places = range(len(options.names))
    chosen = st.pills(
        "Your guess", places, default=guess, format_func=options.names.__getitem__, key=f"choosing-{key}",
        disabled=locked, label_visibility="collapsed",
    )  # fmt: skip
    return chosen
