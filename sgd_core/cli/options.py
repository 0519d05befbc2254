"""Options that commands share: one per field of RunSpec, named like the field, and the output format."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec, allowed


def with_spec(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command whose first argument is a RunSpec one option per field: --learning-rate, --decay-every ..."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        popped = {name: values.pop(name) for name in RunSpec.model_fields}
        given = {name: value for name, value in popped.items() if value is not None}
        if {"epochs", "updates"} <= given.keys():
            raise UserError("--epochs and --updates both say when to stop; give one of them.")
        command(RunSpec.parse(given), **values)

    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    parameters = [*map(_parameter, RunSpec.model_fields), *own]
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_options


def with_values(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command whose first argument is field of RunSpec -> texts one option per field, several values each.

    But for those that it has itself (seeds, views).
    """
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    fields = [name for name in RunSpec.model_fields if name not in {"seed", *(each.name for each in own)}]

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        popped = {name: values.pop(name) for name in fields}
        command({name: _texts(name, text) for name, text in popped.items() if text is not None}, **values)

    parameters = [*own, *(_several(name) for name in fields)]
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_options


def _several(name: str) -> inspect.Parameter:
    said = f"for grid: values separated by commas, each {allowed(name)}"
    option = typer.Option(None, f"--{name.replace('_', '-')}", help=said, show_default=False)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=str | None)


def _texts(name: str, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if "" in parts or len(set(parts)) < len(parts):
        raise UserError(f"--{name.replace('_', '-')} is {text!r}, but must be different values separated by commas.")
    return parts


def choose(name: str, value: str, choices: tuple[str, ...]) -> str:
    """`value` if it is one of the choices; raises UserError naming the option otherwise."""
    if value not in choices:
        raise UserError(f"--{name} is {value!r}, but must be one of {', '.join(choices)}.")
    return value


def whole_numbers(option: str, text: str) -> list[int]:
    """'0,1,2' as numbers; raises UserError naming the option."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UserError(f"--{option} is {text!r}, but must be whole numbers separated by commas.") from None


def app_file() -> Path:
    """The app's first page; raises UserError where only the core is installed."""
    file = settings.ROOT / "app.py"
    if not file.is_file():
        raise UserError(
            f"There is no {file}: the app's pages come with a clone of the repository, in which it is "
            "`python -m sgd_core` instead of `sgd-lab`."
        )
    return file


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Raise UserError, with what the system says, where a place cannot be written; not every error names it."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{place} could not be written: {error.strerror or error}.") from error


def _parameter(name: str) -> inspect.Parameter:
    info = RunSpec.model_fields[name]
    plain = (
        info.annotation if info.annotation in (bool, int, float) else int if info.annotation == (int | None) else str
    )
    default = info.default if info.default is not None else "none"
    said = "; ".join(filter(None, [info.description, allowed(name), f"default {default}"]))
    flag = f"--{name.replace('_', '-')}"
    flags = f"{flag}/--no-{flag[2:]}" if plain is bool else flag
    option = typer.Option(None, flags, help=said, show_default=False)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=plain | None)
