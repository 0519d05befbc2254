"""A later version of this program, in a process of its own: one more setting of a run, one more column of an epoch.

`grow` comes before any other import from sgd_core, so that all that follows from RunSpec and EpochRecord grows with
them, as if the one line each had been added.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import Field

from sgd_core import settings
from sgd_core.experiment import record, schedules

NAMES = {"setting": "grown", "column": "grown_column"}
DEFAULT, MEASURED = 0.5, 0.25


class ScheduleSettings(schedules.ScheduleSettings):
    grown: float = Field(default=DEFAULT, ge=0, le=1, description="what a later version has besides")


@dataclass(frozen=True)
class EpochRecord(record.EpochRecord):
    grown_column: float | None


def process(script: str, *arguments: Path | str) -> str:
    """What such a process prints: it runs the script at the root of the project."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    ended = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, timeout=400)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout


def grow(*what: str) -> None:
    """Add the setting, the column or both."""
    if "setting" in what:
        schedules.ScheduleSettings = ScheduleSettings  # type: ignore[misc]
    if "column" in what:
        record.EpochRecord = EpochRecord  # type: ignore[misc, assignment]


def measure(module: object) -> None:
    """Let a module that makes records measure the new column, where there is one."""
    if "grown_column" in record.EpochRecord.__dataclass_fields__:
        module.EpochRecord = partial(EpochRecord, grown_column=MEASURED)  # type: ignore[attr-defined]
