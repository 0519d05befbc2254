"""A student's phone in a room: the step's question alone, and a guess; it follows the teacher by itself.

?room= has the letters, ?phone= the token by which a phone that comes back is known.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from sgd_core.errors import UserError
from sgd_core.evidence.sentences import room as sentences
from sgd_core.rooms.registry import CLOSED, LENGTH, MOVED_ON, RoomEndedError, Seat, as_letters
from sgd_core.ui.lesson import asking, room, shelf
from sgd_core.ui.lesson.room import ROOM
from sgd_core.ui.lesson.screen import PHONE as STYLE
from sgd_core.ui.lesson.script import Step
from sgd_core.ui.shell import page, theme
from sgd_core.ui.shell.streamlit_private import visitor

PHONE, TYPED = "phone", "letters"
DRAWN = "phone's question"
"""Where a visit keeps which question it drew last, and the guess that was there."""


def asked() -> bool:
    """Whether the link is a student's."""
    return room.of_a_student()


def entry() -> None:
    """Draw where a room's letters are typed."""
    with st.form("join", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Join a room", key=TYPED, max_chars=LENGTH + 4, placeholder=f"its {LENGTH} letters", width=200)
        st.form_submit_button("Join", on_click=_typed)


def play() -> None:
    """Draw the phone's screen."""
    st.set_page_config(page_title="Room · SGD lab", page_icon=page.ICON, initial_sidebar_state="collapsed")
    st.html(STYLE)
    try:
        letters = as_letters(st.query_params[ROOM])
        token = room.ROOMS.join(letters, visitor(), st.query_params.get(PHONE, ""))
        seat = room.ROOMS.seat(letters, token)
    except RoomEndedError as error:
        _elsewhere("The room has ended. Nothing of it was kept." if PHONE in st.query_params else str(error))
        return
    except UserError as error:
        _elsewhere(str(error))
        return
    if st.query_params.get(PHONE) != token:
        st.query_params[PHONE] = token
    with st.container(key="phone", gap="small"), page.plain_errors():
        st.fragment(_follow, run_every=seat.pace)(letters, token, seat.version)
        _screen(letters, token, seat)


def _follow(letters: str, token: str, version: int) -> None:
    """Draw the screen anew where the teacher has gone on, or the room has ended."""
    try:
        now = room.ROOMS.version(letters, token)
    except UserError:
        st.rerun()
    if now != version:
        st.rerun()


def _screen(letters: str, token: str, seat: Seat) -> None:
    place = seat.place
    if not seat.begun:
        st.title(f"Room {letters}", anchor=False)
        st.markdown(sentences.for_phone(False, False, False, False, False))
        return
    steps = shelf.lesson(place.lesson).steps
    step = steps[min(place.step, len(steps)) - 1]
    st.title(step.question, anchor=False)
    question, late = _question(place.lesson, step.id, theme.colour("textColor"), step), _late(seat)
    sent = seat.guess is not None
    before = None if seat.guess is None else room.decoded(seat.guess)
    key = f"guess {letters} {place.lesson} {place.step}"
    if question is not None and seat.takes_guesses:
        guess = asking.ask(question, key, before)
        st.session_state[DRAWN] = (place.question, key, _raw(key))
        if guess is not None and guess != before:
            try:
                room.ROOMS.guess(letters, token, place.question, room.encoded(guess))
                sent = True
            except UserError as error:
                late = str(error)
    elif question is not None and sent:
        asking.ask(question, f"{key} as sent", before, locked=True)
    with st.container(key="told"):
        told = sentences.for_phone(True, question is not None, seat.takes_guesses, sent, seat.revealed)
        st.markdown(f"{late} {told}")


@st.cache_resource(ttl=10, max_entries=64, show_spinner=False)
def _question(lesson: str, name: str, ink: str, _step: Step) -> asking.Question | None:
    """What a step asks for, made once for all phones of a theme: a curve's takes 20 ms, and a class comes at once."""
    return asking.question(_step)


def _late(seat: Seat) -> str:
    """What is said where this run brings a guess at what is no longer asked."""
    question, key, raw = st.session_state.get(DRAWN, (None, "", None))
    if question is None or (question == seat.place.question and seat.takes_guesses):
        return ""
    del st.session_state[DRAWN]
    if _raw(key) in (None, raw):
        return ""
    return CLOSED if question == seat.place.question else MOVED_ON


def _raw(key: str) -> object:
    """A guess as the browser sent it, by a choice or by the component of a drawing."""
    value = st.session_state.get(f"choosing-{key}", st.session_state.get(f"drawing-{key}"))
    return value.get("curve") if isinstance(value, Mapping) else value


def _elsewhere(why: str) -> None:
    with st.container(key="phone", gap="small"):
        st.title("No room here", anchor=False)
        st.markdown(why)
        entry()


def _typed() -> None:
    st.query_params.pop(PHONE, None)
    st.query_params[ROOM] = st.session_state[TYPED].strip().upper()
