"""Run a command of the core within the test, on folders of the test's own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from sgd_core import cli
from sgd_core.runs.kept.store import Store


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store that commands use."""
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(tmp_path / "published"))
    monkeypatch.delenv("SGD_MODE", raising=False)
    return Store()


@pytest.fixture
def commands() -> typer.Typer:
    """The commands that are tested: python -m sgd_core."""
    return cli.app


@pytest.fixture
def command(
    commands: typer.Typer, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Call it with the words after `python -m sgd_core`."""

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["sgd_core", *words])
        with pytest.raises(SystemExit) as ended:
            cli.run(commands)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run
