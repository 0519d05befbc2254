"""Options that commands share: one per field of RunSpec, named like the field, and the output format."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import typer

from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec, allowed


def with_spec(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command whose first argument is a RunSpec one option per field: --learning-rate, --decay-every ..."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        given = {name: values.pop(name) for name in RunSpec.model_fields}
        command(RunSpec.parse({name: value for name, value in given.items() if value is not None}), **values)

    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    parameters = [*map(_parameter, RunSpec.model_fields), *own]
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_options


def choose(name: str, value: str, choices: tuple[str, ...]) -> str:
    """`value` if it is one of the choices; raises UserError naming the option otherwise."""
    if value not in choices:
        raise UserError(f"--{name} is {value!r}, but must be one of {', '.join(choices)}.")
    return value


def _parameter(name: str) -> inspect.Parameter:
    info = RunSpec.model_fields[name]
    kind = float if info.annotation is float else int if info.annotation in (int, int | None) else str
    default = "all" if info.default is None else info.default
    said = f"{allowed(name)}; default {default}"
    option = typer.Option(None, f"--{name.replace('_', '-')}", help=said, show_default=False)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=kind | None)
