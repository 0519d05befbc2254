"""`mutations`: does a test notice? Deliberate mistakes in sentences and statistics, made one by one in a copy.

Each is a small edit that a hurried hand could make: best and worst swapped, points said as fractions, momentum ignored,
a test at the wrong level. The tests named with it must then fail; one that does not is a hole. The mistakes stand in
the modules of this folder, one a room of the house.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sgd_core import settings
from sgd_core.errors import UserError
from tools.mutations.mutation import Mutation


def mutations(
    room: Annotated[str | None, typer.Option(help="only the mistakes of this module of tools/mutations")] = None,
) -> None:
    """Make each mistake in a copy of the project and see whether its tests fail; exits with 1 where one does not."""
    every = everything(room)
    console, missed = Console(highlight=False), 0
    with tempfile.TemporaryDirectory(prefix="sgd-mutations-") as place:
        copy = Path(place) / "project"
        wanted = ("sgd_core", "tools", "tests", "pyproject.toml", "app.py", "pages", "cached_runs", ".streamlit")
        copy.mkdir()
        for name in wanted:
            source = settings.ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, copy / name)
        for tests in sorted({mutation.tests for mutation in every}):
            if _run(tests, copy) != 0:
                raise UserError(f"{tests} fails without any mistake.")
        for mutation in every:
            noticed = _noticed(mutation, copy)
            missed += not noticed
            console.print(f"{'noticed' if noticed else 'MISSED '}  {mutation.words}", soft_wrap=True)
    console.print(f"{len(every) - missed} of {len(every)} mistakes were noticed.")
    if missed:
        raise UserError(f"{missed} mistakes went unnoticed: their tests have a hole.")


def everything(room: str | None = None) -> list[Mutation]:
    """The mistakes of every module here, or of one; raises UserError where there is none of this name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    if room is not None:
        if room not in names:
            raise UserError(f"room is {room}, but must be one of {', '.join(n for n in names if n != 'mutation')}.")
        names = [room]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names if name != "mutation"]
    return [mutation for module in modules for mutation in module.MUTATIONS]


def _noticed(mutation: Mutation, copy: Path) -> bool:
    file = copy / mutation.file
    before = file.read_text(encoding="utf-8")
    if before.count(mutation.old) < 1:
        raise UserError(
            f"The mistake '{mutation.words}' has no place any more: {mutation.file} lacks {mutation.old!r}."
        )
    file.write_text(before.replace(mutation.old, mutation.new, 1), encoding="utf-8")
    try:
        return _run(mutation.tests, copy) == 1
    finally:
        file.write_text(before, encoding="utf-8")


def _run(tests: str, copy: Path) -> int:
    """pytest's exit status: 0 all pass, 1 some fail, others mean that it could not run them."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", tests]
    return subprocess.run(command, cwd=copy, capture_output=True, check=False).returncode
