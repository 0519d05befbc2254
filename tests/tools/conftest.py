"""The maintainers' commands, run within the test like those of the core."""

from __future__ import annotations

import pytest
import typer

from tests.cli.conftest import command, store
from tests.training.conftest import own_settings, small_folder
from tools.__main__ import app

__all__ = ["command", "own_settings", "small_folder", "store"]


@pytest.fixture
def commands() -> typer.Typer:
    """The commands that are tested: python -m tools."""
    return app
