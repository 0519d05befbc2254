"""A lesson's room on the teacher's screens: opening and ending it, how to join, how many have answered.

The room's place is the truth, and the link repeats it: ?room= has the letters, ?guesses=true shows the class's guesses,
?joining=true how to join, ?address= a host for the phones, ?screen=notes leaves the picture out. ?steer=, the secret,
is taken out of the link once a browser has shown it, as a projector shows the link too: from then on the browser's
cookie steers. Only where there is no cookie does it stay.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.evidence.guesses import Guess
from sgd_core.evidence.sentences import room as sentences
from sgd_core.rooms import address
from sgd_core.rooms.registry import Class, NotTheTeacherError, Place, RoomEndedError, Rooms
from sgd_core.rooms.shared import RoomsGoneError, SharedRooms
from sgd_core.runs import mode
from sgd_core.ui.lesson import screen
from sgd_core.ui.shell import page
from sgd_core.ui.shell.streamlit_private import remembered, visitor

ROOMS = SharedRooms(kept) if (kept := settings.rooms()) else Rooms()
"""The server's, or those of all its processes. Not in a cache of Streamlit's, which any browser may have emptied."""
LESSON, STEP, SHOWN = "lesson", "step", "shown"
ROOM, STEER, GUESSES, JOINING, ADDRESS, SCREEN = "room", "steer", "guesses", "joining", "address", "screen"
COUNT_EVERY = 1.0
"""Seconds between the teacher's looks at the room."""
UNKNOWN = "http://localhost:8501/Lesson"
"""The page's address where the browser has not said it."""


@dataclass(frozen=True)
class Room:
    """The room of the link."""

    letters: str
    secret: str
    seen: Class


def of_link() -> Room | None:
    """The room that this link steers, None where it names none; raises UserError where it has ended or is another's."""
    if not {ROOM, LESSON} <= set(st.query_params):
        return None
    letters, secret = st.query_params[ROOM].upper(), st.query_params.get(STEER, "")
    if not secret:
        secret = ROOMS.secret(letters, visitor())
    elif remembered():
        ROOMS.let_in(letters, secret, visitor())
        del st.query_params[STEER]
    return Room(letters, secret, ROOMS.at(letters, secret))


def of_a_student() -> bool:
    """Whether the link has a room that this browser does not steer."""
    if ROOM not in st.query_params or STEER in st.query_params:
        return False
    try:
        return of_link() is None
    except NotTheTeacherError:
        return True
    except (RoomEndedError, RoomsGoneError):
        return LESSON not in st.query_params


def second() -> bool:
    """Whether this is the teacher's second screen, which has the note and no picture."""
    return st.query_params.get(SCREEN) == "notes"


# What the lesson's screen calls


def follow() -> None:
    """Before the screen's place is read from the link: put the room's place there."""
    if room := _there():
        _write(room.seen.place)


def go() -> None:
    """After a step forth or back: take the room along."""
    st.query_params.pop(GUESSES, None)
    steer()


def steer() -> None:
    """After the link has changed: take the room where the link is."""
    if room := _there():
        with suppress(UserError):  # it has ended since
            ROOMS.steer(room.letters, room.secret, _read())


def leave() -> bool:
    """Where the lesson is to end: True where there is a room, which is shown instead, to be ended first."""
    if _there() is None:
        return False
    st.query_params[JOINING] = "true"
    steer()
    return True


def press(presses: int) -> bool:
    """Before the picture is uncovered so far: True where this press shows the class's guesses instead."""
    if presses == 0:
        st.query_params.pop(GUESSES, None)
    if not next_press():
        return False
    st.query_params[GUESSES] = "true"
    steer()
    return True


def next_press() -> str:
    """What the next press is called where it shows guesses: there are some, and neither they nor the truth is shown."""
    room = _there()
    return "Show guesses" if room is not None and room.seen.place.takes_guesses and room.seen.answered else ""


def guesses() -> tuple[Guess, ...] | None:
    """The class's guesses at this step, none before they are shown; None where there is no room."""
    room = _there()
    if room is None:
        return None
    if not room.seen.place.guesses:
        return ()
    return tuple(decoded(each) for each in ROOMS.guesses(room.letters, room.secret))


def bar(lesson: str, step: int, asks: bool) -> None:
    """Draw what stands among the keys: the letters, how many have answered, the way to the code; or a way to a room.

    `asks`: whether there is anything to answer.
    """
    try:
        room = of_link()
    except UserError as error:
        st.markdown(str(error))
        st.button("Open a new room", shortcut="J", on_click=open_room, args=(lesson, step))
        return
    if room is None:
        st.button("Open a room", shortcut="J", on_click=open_room, args=(lesson, step), key="open-room")
        return
    with st.container(key="count", width="content"):
        st.fragment(_count, run_every=COUNT_EVERY)(room, asks)
    st.button("Code", shortcut="J", on_click=_join, args=(True,), key="room-code")


def joining() -> bool:
    """Whether the screen shows how to join."""
    return st.query_params.get(JOINING) == "true" and _there() is not None


def join_screen() -> None:
    """Draw how to join: letters, QR code, address; and for the teacher, the second screen's link and the room's end."""
    room = of_link()
    assert room is not None
    given, here = st.query_params.get(ADDRESS, ""), st.context.url or UNKNOWN
    local = address.only_here(here)
    given = given or (address.of_this_machine() if local else "")
    try:
        link = address.join_address(here, room.letters, given)
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        link = address.join_address(here, room.letters)
    st.html(screen.JOIN)
    alone = address.only_here(f"//{st.get_option('server.address')}") and local
    if alone:
        st.warning(sentences.unreachable(mode.why_explore() is not None), icon=":material/wifi_off:")
    with st.container(key="join", horizontal=True, vertical_alignment="center", gap="large"):
        if not alone:  # a code that leads nowhere is worse than none
            with st.container(key="join-code"):
                st.html(address.qr(link))
        with st.container(key="join-how"):
            st.title("Join with your phone", anchor=False)
            st.markdown(f"{'Open' if alone else 'Scan the code, or open'} **{_bare(link)}** and type")
            st.html(f'<div class="letters">{room.letters}</div>')
            st.fragment(_arrivals, run_every=COUNT_EVERY)(room)
            with st.container(horizontal=True):
                label = "Go on" if room.seen.begun else "Begin"
                st.button(label, shortcut="Right", type="primary", on_click=_join, args=(False,))
                st.button("End the room", on_click=_end)
            with st.expander("For the teacher", key="join-teacher"):
                _for_teacher(room, local, link.partition("?")[0])


def open_room(lesson: str, step: int) -> None:
    """Open a room at this step, and show how to join it."""
    place = Place(lesson, step, joining=True)
    try:
        letters, secret = ROOMS.open(visitor(), place)
    except UserError as error:
        st.toast(str(error), duration="long")
        return
    _write(place)
    st.query_params.update({ROOM: letters} if remembered() else {ROOM: letters, STEER: secret})


def encoded(guess: Guess) -> str:
    """A guess as a room keeps it."""
    rounded = guess if isinstance(guess, int) else [(float(f"{x:.4g}"), float(f"{y:.5g}")) for x, y in guess]
    return json.dumps(rounded, separators=(",", ":"))


def decoded(kept: str) -> Guess:
    """A guess as it was before."""
    raw = json.loads(kept)
    return raw if isinstance(raw, int) else tuple((x, y) for x, y in raw)


def _there() -> Room | None:
    """The room of the link while there is one and the link steers it; `bar` says why where not."""
    with suppress(UserError):
        return of_link()
    return None


def _count(room: Room, asks: bool) -> None:
    seen = _again(room)
    said = sentences.answered(seen.answered, seen.phones) if asks else sentences.there(seen.phones)
    st.markdown(f"**{room.letters}** · {said}", width="content")


def _arrivals(room: Room) -> None:
    st.markdown(sentences.there(_again(room).phones))


def _again(room: Room) -> Class:
    """The room as it is now; the whole screen is drawn anew where it has moved, ended, or got its first answer."""
    try:
        seen = ROOMS.at(room.letters, room.secret)
    except UserError:
        st.rerun()
    if seen.version != room.seen.version or bool(seen.answered) != bool(room.seen.answered):
        st.rerun()
    return seen


def _for_teacher(room: Room, local: bool, here: str) -> None:
    second_screen = page.address(page.LESSON, {**st.query_params.to_dict(), SCREEN: "notes"})
    st.link_button("A second screen with the notes", second_screen)
    st.markdown("This browser steers the room. F11 hides its address.")
    with st.popover("Steer from another device"):
        st.markdown("Open this link there, and do not show it: it steers the room.")
        query = urlencode({LESSON: room.seen.place.lesson, ROOM: room.letters, STEER: room.secret, SCREEN: "notes"})
        st.code(f"{here}?{query}", language=None, wrap_lines=True)
    if local:
        st.markdown("This browser is at localhost, where no phone gets; the code leads to this machine's own address.")
    st.text_input(
        "Another address for the phones", st.query_params.get(ADDRESS, ""), key=ADDRESS, on_change=_addressed,
        placeholder="192.168.1.7:8501",
    )  # fmt: skip


def _addressed() -> None:
    st.query_params[ADDRESS] = st.session_state[ADDRESS].strip()


def _join(shown: bool) -> None:
    _put(JOINING, "true" if shown else "")
    steer()


def _end() -> None:
    if room := _there():
        with suppress(UserError):
            ROOMS.end(room.letters, room.secret)
    for name in (ROOM, STEER, GUESSES, JOINING, SCREEN):
        st.query_params.pop(name, None)


def _read() -> Place:
    """The place of the link."""
    link = st.query_params
    texts = (link.get(STEP, "1"), link.get(SHOWN, "0"))
    step, shown = (int(text) if text.isascii() and text.isdigit() else 0 for text in texts)
    return Place(link.get(LESSON, ""), step, shown, link.get(GUESSES) == "true", link.get(JOINING) == "true")


def _write(place: Place) -> None:
    _put(LESSON, place.lesson)
    _put(STEP, str(place.step))
    _put(SHOWN, str(place.presses) if place.presses else "")
    _put(GUESSES, "true" if place.guesses else "")
    _put(JOINING, "true" if place.joining else "")


def _put(name: str, value: str) -> None:
    """Only what differs, because every change is sent to the browser."""
    if st.query_params.get(name, "") == value:
        return
    if value:
        st.query_params[name] = value
    else:
        del st.query_params[name]


def _bare(link: str) -> str:
    return link.partition("://")[2].partition("?")[0]
