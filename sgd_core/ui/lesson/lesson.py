"""The page of the lesson: which there are, and one screen of one, whose place is in the link.

?lesson= names the lesson, ?step= the screen, ?shown= how many presses have uncovered its picture, ?notes=true shows the
teacher's note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from sgd_core.charts.guesses import Sheet, votes
from sgd_core.errors import UserError
from sgd_core.evidence.guesses import Guess, Options, counts
from sgd_core.evidence.sentences import lesson as sentences
from sgd_core.ui.lesson import asking, join, room, screen, shelf
from sgd_core.ui.lesson.picture import Moment, Picture, Shown, look
from sgd_core.ui.lesson.pictures import PICTURES
from sgd_core.ui.lesson.script import Lesson, Note, Step
from sgd_core.ui.shell import page, words

PAGE = page.Page(
    slug=page.LESSON,
    section=page.CLASS,
    label="The lesson",
    title="A lesson for a class",
    question="What decides what SGD finds, batch size and learning rate or how long it trains?",
    intro="A question and a picture a screen, for a projector: the class guesses, then the picture shows.",
    next="Figure_1_Batch_size",
    tab="Lesson",
)
NAME, STEP, SHOWN, NOTES = room.LESSON, room.STEP, room.SHOWN, "notes"
GUESSES = "lesson's guesses"
"""Where a visit keeps what was guessed on its screens."""
KEYS = (
    "→ next, ← back, ↓ show what is covered, N the teacher's note, J a room for phones to join, Esc ends the lesson. "
    "The note may stand on a second screen: a link with &notes=true, or the second screen of a room"
)


@dataclass(frozen=True)
class Place:
    """A screen of a lesson, and how far its picture is uncovered."""

    name: str
    lesson: Lesson
    number: int
    presses: int

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.number - 1]

    @property
    def picture(self) -> Picture:
        return PICTURES[self.step.picture]

    @property
    def of(self) -> int:
        """How many presses its picture holds."""
        return self.picture.presses(self.picture.settings.model_validate(self.step.settings))

    @property
    def key(self) -> str:
        """What the guess of this screen goes by."""
        return f"{self.name} {self.step.id}"

    def shown(self, guesses: Sequence[Guess] = ()) -> Shown:
        """The picture as it is now, and these guesses held against it; raises UserError where it is not there."""
        settings, guess = self.picture.settings.model_validate(self.step.settings), self.step.guess
        drawn = guess is not None and guess.kind == "draw"
        moment = Moment(f"{self.name} {self.number}", self.presses, drawn, tuple(guesses))
        shown = self.picture.draw(settings, moment)
        if guess is None or drawn or not shown.answer:
            return shown
        votes = counts(guess.choice, [each for each in guesses if isinstance(each, int)])
        return replace(shown, answer=f"{sentences.chosen(guess.choice, votes)} {shown.answer}".strip())


def playing() -> bool:
    """Whether the link asks for a lesson's screen."""
    return NAME in st.query_params


def choose() -> None:
    """Draw the choice of a lesson, below the page's title."""
    join.entry()
    for name in shelf.files():
        try:
            lesson = shelf.lesson(name)
        except UserError as error:
            st.error(str(error), icon=":material/error:")
            continue
        with st.container(border=True):
            steps = len(lesson.steps)
            words.say(f"##### {lesson.title}\n{lesson.about} {steps} screens, {lesson.minutes} minutes.")
            for label, more in (("Begin", {}), ("Begin with the teacher's notes", {NOTES: "true"})):
                page.link(label, PAGE.slug, {NAME: name, STEP: "1", **more})
            st.button("Open a room", key=f"room of {name}", on_click=room.open_room, args=(name, 1))
    words.caption(f"Keys: {KEYS}. Lessons of your own are files in the folder that SGD_LESSONS names.")


def play() -> None:
    """Draw the screen that the link asks for, and nothing else."""
    st.set_page_config(
        page_title=f"{PAGE.tab} · SGD lab", page_icon=page.ICON, layout="wide", initial_sidebar_state="collapsed"
    )
    st.html(screen.STYLE + page.CALM + words.STYLE)
    words.begin()
    if room.second():
        st.html(screen.SECOND)
    try:
        place = _place()
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        page.link("Every lesson", PAGE.slug, {})
    else:
        if room.joining():
            room.join_screen()
        else:
            _screen(place)


def _place() -> Place:
    """The screen that the link asks for, or the room's."""
    room.follow()
    return _of_link()


def _here() -> Place | None:
    """The screen that a key goes on from: the link's, which a browser sends along; None where the lesson is over.

    The keys of the screen before may still be there when one is pressed, and a press that a browser sends twice, as
    happens on a busy machine, comes with one link.
    """
    return _of_link() if NAME in st.query_params else None


def _of_link() -> Place:
    name = st.query_params[NAME]
    lesson = shelf.lesson(name)
    number = _whole(STEP, 1, len(lesson.steps))
    first = Place(name, lesson, number, 0)
    return Place(name, lesson, number, _whole(SHOWN, 0, first.of))


def _whole(name: str, low: int, high: int) -> int:
    """A number of the link; what is not there is the lowest."""
    value = st.query_params.get(name, str(low))
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        raise UserError(f"{name} is {value!r}, but must be a whole number from {low} to {high}.")
    return int(value)


def _screen(place: Place) -> None:
    with st.container(key="screen", gap="small"):
        st.title(place.step.question, anchor=False)
        try:
            shown = Shown({}, "") if room.second() else _picture(place)
        except UserError as error:
            st.info(str(error))
        else:
            if shown.sheet:
                st.html(screen.ROOM)
            if shown.answer:
                st.html(screen.after(shown.seconds))
                with st.container(key="answer"):
                    words.say(shown.answer)
            elif shown.read:
                with st.container(key="read"):
                    words.say(shown.read)
        if room.second() or st.query_params.get(NOTES) == "true":
            _note(place.step.note)
        _keys(place)


def _picture(place: Place) -> Shown:
    """Draw the picture, and what was guessed on it or where to guess."""
    if (of_class := room.guesses()) is not None:
        return _picture_of_class(place, of_class)
    guesses: dict[str, Guess] = st.session_state.setdefault(GUESSES, {})
    guess = guesses.get(place.key)
    shown = place.shown([] if guess is None else [guess])
    question = None if place.presses else shown.sheet or asking.question(place.step)
    if not isinstance(question, Sheet):
        asking.show(shown, place.key, [] if guess is None else [guess])
    if question is not None:
        new = asking.ask(question, place.key, guess)
        if new is None:
            guesses.pop(place.key, None)
        else:
            guesses[place.key] = new
    return shown


def _picture_of_class(place: Place, guesses: Sequence[Guess]) -> Shown:
    """Draw the picture with what phones have guessed: curves on it, or votes in its place until it is uncovered."""
    shown, guess = place.shown(guesses), place.step.guess
    if place.presses or not guesses or guess is None or guess.kind == "draw":
        asking.show(shown, place.key, guesses)
        return shown
    options, chosen = Options(guess.options), [each for each in guesses if isinstance(each, int)]
    said = sentences.chosen(options, counts(options, chosen))
    st.vega_lite_chart(None, votes(options, chosen, False, look()), width="stretch", height="stretch", alt=said)
    return Shown({}, "", answer=said)


def _note(note: Note) -> None:
    with st.container(key="note"):
        words.say(f"**{note.minutes} min. Ask:** {note.ask}  \n**They will say:** {note.expect}")


def _keys(place: Place) -> None:
    last = len(place.lesson.steps)
    with st.container(key="keys", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.button("Back", shortcut="Left", on_click=_go, args=(-1,), disabled=place.number == 1)
        st.markdown(f"{place.number} / {last}")
        done = place.presses == place.of
        st.button(
            room.next_press() or ("Cover again" if done else "Show"), shortcut="Down",
            type="secondary" if done else "primary", on_click=_press,
        )  # fmt: skip
        st.button("Note", shortcut="N", on_click=_note_or_none, key="note-key")
        st.button("End", shortcut="Escape", on_click=_end, key="end")
        room.bar(place.name, place.number, asks=place.step.guess is not None)
        st.button("Next", shortcut="Right", on_click=_go, args=(1,), disabled=place.number == last)


def _go(by: int) -> None:
    here = _here()
    if here is None or not 1 <= here.number + by <= len(here.lesson.steps):
        return
    st.query_params[STEP] = str(here.number + by)
    st.query_params.pop(SHOWN, None)
    room.go()


def _press() -> None:
    here = _here()
    if here is None:
        return
    presses = 0 if here.presses == here.of else here.presses + 1
    if not room.press(presses):
        st.query_params[STEP], st.query_params[SHOWN] = str(here.number), str(presses)
        room.steer()


def _end() -> None:
    if not room.leave():
        st.query_params.clear()


def _note_or_none() -> None:
    if st.query_params.pop(NOTES, None) != "true":
        st.query_params[NOTES] = "true"
