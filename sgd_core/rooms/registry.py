"""The rooms there are: who is in one, at which question it is, and what was guessed.

A room is known by four letters, which everybody may know; only its secret steers it, which a browser shows once. A
phone is known by a token that the room gave it. What is held is bounded: ROOMS x PHONES x a lesson's questions x
MESSAGE characters, and LIFE.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from sgd_core.errors import UserError

LETTERS = "BCDFGHJKMNPRSTVWXZ"
"""Without look-alikes, and without vowels, so that no word comes up."""
LENGTH = 4
ROOMS, ROOMS_EACH = 20, 3
"""Rooms at once: in all, and opened by one visitor."""
PHONES = 300
MESSAGE = 2000
"""Characters of a guess: a drawn curve of 64 points takes about 1100."""
TEACHERS = 10
"""Browsers that steer one room without showing its secret again; the latest stay."""
LIFE = 3 * 3600
"""Seconds from a room's opening to its end."""
PRESENT = 20
"""Seconds after its last sign for which a phone counts as there."""

_NOT_YOURS = "This link does not steer room {}. Only the link of who opened it does."
MOVED_ON = "This guess came too late: the class is at another question now."
CLOSED = "This guess came too late: the guesses are on the screen."


class RoomEndedError(UserError):
    """There is no such room, or no longer."""


class NotTheTeacherError(UserError):
    """The secret is another."""


@dataclass(frozen=True)
class Place:
    """Where a class is."""

    lesson: str
    step: int
    presses: int = 0
    """How far the step's picture is uncovered."""
    guesses: bool = False
    """Whether the class's guesses are shown."""
    joining: bool = False
    """Whether the projector shows how to join."""

    @property
    def question(self) -> tuple[str, int]:
        return self.lesson, self.step

    @property
    def takes_guesses(self) -> bool:
        return self.presses == 0 and not self.guesses


@dataclass(frozen=True)
class Class:
    """What the teacher's screens see of a room."""

    place: Place
    version: int
    """Counts the teacher's steps, so that a screen knows whether it has fallen behind."""
    begun: bool
    """Whether the teacher has gone on from the room's opening."""
    phones: int
    """How many are there, or have answered this question."""
    answered: int


@dataclass(frozen=True)
class Seat:
    """What a phone sees of its room."""

    place: Place
    version: int
    begun: bool
    takes_guesses: bool
    revealed: bool
    """Whether this question's answer is, or was, on the projector."""
    guess: str | None
    """What this phone has guessed at this question."""
    pace: float
    """Seconds between its looks at the room, such that all phones of the room together look 50 times a second.

    A look costs the server 3 to 4 ms, so phones take a fifth of one core at most, however many they are.
    """


@dataclass
class _Room:
    secret: bytes
    opener: str
    opened: float
    place: Place
    version: int = 0
    begun: bool = False
    teachers: list[str] = field(default_factory=list)
    """Visitors who have shown the secret; who opened the room is another."""
    phones: dict[str, float] = field(default_factory=dict)
    """Token -> when it last gave a sign."""
    tokens: dict[str, str] = field(default_factory=dict)
    """Visitor -> the token of its phone."""
    guesses: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict)
    """Question -> token -> guess."""
    revealed: set[tuple[str, int]] = field(default_factory=set)


class Rooms:
    """All rooms of a server. Any thread may call; every error is a UserError."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._rooms: dict[str, _Room] = {}

    def open(self, opener: str, place: Place) -> tuple[str, str]:
        """Letters and secret of a new room that stands at `place`; `opener` is who asks, as a browser is known."""
        with self._lock:
            self._drop_old()
            own = sum(room.opener == opener for room in self._rooms.values())
            if own >= ROOMS_EACH:
                raise UserError(f"You have {own} rooms open, which is as many as one may have. End one of them first.")
            if len(self._rooms) >= ROOMS:
                raise UserError(f"All {ROOMS} rooms of this server are taken. A room ends after three hours at most.")
            letters = _letters()
            while letters in self._rooms:
                letters = _letters()
            secret = secrets.token_urlsafe(24)
            self._rooms[letters] = _Room(secret.encode(), opener, self._clock(), place)
            return letters, secret

    # The teacher

    def at(self, letters: str, secret: str) -> Class:
        """The room as its teacher sees it."""
        with self._lock:
            return self._seen(self._taught(letters, secret))

    def let_in(self, letters: str, secret: str, visitor: str) -> None:
        """Have a visitor who shows the secret steer without it from now on."""
        with self._lock:
            room = self._taught(letters, secret)
            others = [each for each in room.teachers if each != visitor]
            room.teachers = [*others, visitor][-TEACHERS:]

    def secret(self, letters: str, visitor: str) -> str:
        """The secret, for who opened the room or was let in; raises NotTheTeacherError for anybody else."""
        with self._lock:
            room = self._room(letters)
            if visitor not in (room.opener, *room.teachers):
                raise NotTheTeacherError(_NOT_YOURS.format(letters))
            return room.secret.decode()

    def steer(self, letters: str, secret: str, place: Place) -> None:
        """Take the class to a place."""
        with self._lock:
            room = self._taught(letters, secret)
            if place == room.place:
                return
            room.place = place
            room.version += 1
            room.begun = room.begun or not place.joining
            if place.presses:
                room.revealed.add(place.question)

    def guesses(self, letters: str, secret: str) -> list[str]:
        """What was guessed at the present question, in the order in which it first came."""
        with self._lock:
            room = self._taught(letters, secret)
            return list(room.guesses.get(room.place.question, {}).values())

    def end(self, letters: str, secret: str) -> None:
        """End a room and forget all that is in it."""
        with self._lock:
            self._taught(letters, secret)
            del self._rooms[letters]

    # A phone

    def join(self, letters: str, visitor: str, token: str = "") -> str:
        """The token of this visitor's phone: the one it has, the one it was given before, or a new one."""
        with self._lock:
            room = self._room(letters)
            if token in room.phones:
                return token
            if visitor in room.tokens:
                return room.tokens[visitor]
            if len(room.phones) >= PHONES:
                raise UserError(f"Room {letters} is full: {PHONES} phones are in it. Guess with a neighbour.")
            token = secrets.token_urlsafe(12)
            room.tokens[visitor] = token
            room.phones[token] = self._clock()
            return token

    def seat(self, letters: str, token: str) -> Seat:
        """The room as this phone sees it; that it asks is a sign of it."""
        with self._lock:
            room = self._joined(letters, token)
            question = room.place.question
            own = room.guesses.get(question, {}).get(token)
            known, pace = question in room.revealed, max(1.5, len(room.phones) / 50)
            return Seat(room.place, room.version, room.begun, _takes_guesses(room), known, own, pace)

    def version(self, letters: str, token: str) -> int:
        """The count of the teacher's steps; that a phone asks is a sign of it."""
        with self._lock:
            return self._joined(letters, token).version

    def guess(self, letters: str, token: str, question: tuple[str, int], guess: str) -> None:
        """Take a phone's guess in the place of the one that it sent before."""
        if len(guess) > MESSAGE:
            raise UserError(f"The guess has {len(guess)} characters, but must have {MESSAGE} at most.")
        with self._lock:
            room = self._joined(letters, token)
            if question != room.place.question:
                raise UserError(MOVED_ON)
            if not _takes_guesses(room):
                raise UserError(CLOSED)
            room.guesses.setdefault(question, {})[token] = guess

    # With the lock held

    def _drop_old(self) -> None:
        now = self._clock()
        self._rooms = {letters: room for letters, room in self._rooms.items() if now - room.opened < LIFE}

    def _room(self, letters: str) -> _Room:
        self._drop_old()
        if letters not in self._rooms:
            raise RoomEndedError(f"There is no room {letters}. It has ended, or its letters are others.")
        return self._rooms[letters]

    def _taught(self, letters: str, secret: str) -> _Room:
        room = self._room(letters)
        if not hmac.compare_digest(room.secret, secret.encode(errors="replace")):
            raise NotTheTeacherError(_NOT_YOURS.format(letters))
        return room

    def _joined(self, letters: str, token: str) -> _Room:
        room = self._room(letters)
        if token not in room.phones:
            raise RoomEndedError(f"This phone is no longer in room {letters}. Join it again.")
        room.phones[token] = self._clock()
        return room

    def _seen(self, room: _Room) -> Class:
        since = self._clock() - PRESENT
        answered = room.guesses.get(room.place.question, {})
        there = sum(heard >= since or token in answered for token, heard in room.phones.items())
        return Class(room.place, room.version, room.begun, there, len(answered))


def as_letters(typed: str) -> str:
    """A room's letters as somebody typed them; raises UserError where they cannot be any."""
    letters = "".join(typed.split()).upper()
    if len(letters) != LENGTH or any(letter not in LETTERS for letter in letters):
        raise UserError(f"The room is {typed[:20]!r}, but must be {LENGTH} letters, as on the screen; no vowels.")
    return letters


def _letters() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _takes_guesses(room: _Room) -> bool:
    return room.begun and room.place.takes_guesses and room.place.question not in room.revealed
