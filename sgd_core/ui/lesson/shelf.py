"""The lessons there are: those of the app, and a teacher's own from the folder of SGD_LESSONS."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.ui.lesson import script
from sgd_core.ui.lesson.pictures import PICTURES
from sgd_core.ui.lesson.script import Lesson

OWN = Path(__file__).with_name("lessons")
"""The folder of the app's lessons."""


def files() -> dict[str, Path]:
    """Name -> file: the app's, then the teacher's, which take the place of one of the app's of the same name."""
    folder = settings.lessons_dir()
    if folder is not None and not folder.is_dir():
        raise UserError(f"SGD_LESSONS is {folder}, but must be a folder of lessons (*.yaml).")
    folders = [OWN] if folder is None else [OWN, folder]
    return {file.stem: file for each in folders for file in sorted(each.glob("*.yaml"))}


def lesson(name: str) -> Lesson:
    """The lesson of this name; raises UserError where there is none, or its file cannot be read as one."""
    there = files()
    if name not in there:
        raise UserError(f"lesson is {name!r}, but must be one of {', '.join(there)}.")
    file = there[name]
    return _read(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=32)  # not Streamlit's, whose look-up costs a phone as much as the rest of its question
def _read(file: Path, written: int) -> Lesson:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}.") from None
    return script.parsed(text, file.name, {name: picture.settings for name, picture in PICTURES.items()})
