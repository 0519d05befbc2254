"""A lesson as data: its steps, each a question, a picture with settings, and a note for the teacher.

`parsed` reads it from YAML; what cannot be is said in sentences that name file, step, field, value and what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails

from sgd_core.errors import UserError
from sgd_core.evidence.guesses import Options

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
SHOWN = 60
"""Characters of a wrong value that a sentence repeats."""


class Part(BaseModel):
    """What every part of a lesson is: unchangeable, and without fields that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def covered(self) -> str:
        """Of a picture's settings: the one curve that is covered, so that it can be drawn as a guess, or ''."""
        return ""


class Note(Part):
    """For the teacher: what to ask, what the class will say, how long it takes."""

    ask: Text
    expect: Text
    minutes: int = Field(ge=1, le=60)


class Guessing(Part):
    """How a class guesses: it draws the curve that is covered, or chooses one of two to six options.

    `right` is the option that the picture shows to be true, where there is one.
    """

    kind: Literal["draw", "choice"]
    options: tuple[Text, ...] = ()
    right: Text | None = None

    @model_validator(mode="after")
    def _options_are_those_of_a_choice(self) -> Self:
        if self.kind == "draw" and (self.options or self.right):
            raise ValueError("must have options and right only where kind is choice")
        if self.kind == "choice" and not 2 <= len(self.options) <= 6:
            raise ValueError("must have two to six options where kind is choice")
        if len(set(self.options)) < len(self.options):
            raise ValueError("must have options that differ from each other")
        if self.right is not None and self.right not in self.options:
            raise ValueError("must have as right one of its options")
        return self

    @property
    def choice(self) -> Options:
        """What can be chosen."""
        return Options(self.options, None if self.right is None else self.options.index(self.right))


class Step(Part):
    """One screen: a question above a picture of `picture.PICTURES`, with that picture's settings, and how to guess."""

    id: Slug
    question: Text
    picture: Text
    settings: dict[str, Any] = Field(default_factory=dict)
    guess: Guessing | None = None
    note: Note


class Lesson(Part):
    """A lesson: what it is called, for whom it is, and its steps."""

    title: Text
    about: Text
    steps: tuple[Step, ...]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(step.note.minutes for step in self.steps)


def parsed(text: str, file: str, pictures: Mapping[str, type[Part]]) -> Lesson:
    """The lesson of a YAML text, `file` being what it is called in errors; `pictures`: name -> what can be set.

    Raises UserError with one sentence for each fault.
    """
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UserError(f"{file}{_at(error)}: this is not YAML; a text with a colon must stand in quotes.") from None
    if not isinstance(raw, dict):
        raise UserError(f"{file} is {_shown(raw)}, but must have the fields {_listed(Lesson)}.")
    try:
        lesson = Lesson.model_validate(raw)
    except ValidationError as error:
        raise UserError("\n\n".join(_sentence(each, file, raw, Lesson) for each in error.errors())) from None
    if not lesson.steps:
        raise UserError(f"{file}: steps is [], but must have at least one step.")
    if faults := [*_twice(lesson, file), *_of_pictures(lesson, file, pictures)]:
        raise UserError("\n\n".join(faults))
    return lesson


def _at(error: yaml.YAMLError) -> str:
    """Where a file stops being YAML."""
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""


def _twice(lesson: Lesson, file: str) -> list[str]:
    names = [step.id for step in lesson.steps]
    return [
        f"{file}, step {place} ({name}): id is {name!r}, but must be another than that of step {names.index(name) + 1}."
        for place, name in enumerate(names, 1)
        if names.index(name) < place - 1
    ]


def _of_pictures(lesson: Lesson, file: str, pictures: Mapping[str, type[Part]]) -> list[str]:
    """What cannot be of the steps' pictures and their settings."""
    faults = []
    for place, step in enumerate(lesson.steps, 1):
        where = f"{file}, step {place} ({step.id})"
        if step.picture not in pictures:
            faults.append(f"{where}: picture is {step.picture!r}, but must be one of {', '.join(pictures)}.")
            continue
        model = pictures[step.picture]
        try:
            settings = model.model_validate(step.settings)
        except ValidationError as error:
            faults += [_fault(each, where, "settings.", model) for each in error.errors()]
            continue
        if step.guess is not None and step.guess.kind == "draw" and not settings.covered:
            faults.append(f"{where}: guess.kind is 'draw', but must be 'choice', as the picture does not cover exactly "
                          "one curve.")  # fmt: skip
    return faults


def _sentence(error: ErrorDetails, file: str, raw: Mapping[str, Any], model: type[Part]) -> str:
    """A fault of the lesson itself: of a step, which goes by its place and id, or of the whole file."""
    place = error["loc"]
    if len(place) < 2 or place[0] != "steps":
        return _fault(error, file, "", model)
    number = int(place[1])
    step = raw["steps"][number]
    name = step.get("id") if isinstance(step, dict) else None
    where = f"{file}, step {number + 1}" + (f" ({name})" if name else "")
    parts: dict[str, type[Part]] = {"note": Note, "guess": Guessing}
    model = next((part for name, part in parts.items() if name in place[2:-1]), Step)
    return _fault({**error, "loc": place[2:]}, where, "", model)


def _fault(error: ErrorDetails, where: str, before: str, model: type[Part]) -> str:
    """Place: field is value, but must be ...; `model` is what the field belongs to."""
    field = (before + ".".join(map(str, error["loc"]))).rstrip(".")
    if error["type"] == "missing":
        return f"{where}: {field} is missing; it needs the fields {_listed(model)}."
    if error["type"] == "extra_forbidden":
        return f"{where}: {field} is not known, but must be one of {_listed(model)}."
    if error["type"] == "value_error":
        allowed = str(error["ctx"]["error"])
    else:
        allowed = error["msg"].replace("Input should", "must").replace("String should", "must")
    what = f"{field} is" if field else "it is"
    return f"{where}: {what} {_shown(error['input'])}, but {allowed}."


def _listed(model: type[Part]) -> str:
    return ", ".join(model.model_fields) or "none"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
