"""`bench room`, as small as it can be: a real server, real websockets, three phones."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Command
from tools import room


@pytest.mark.long
@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_small_class_answers_and_nothing_is_lost(
    command: Command, monkeypatch: pytest.MonkeyPatch, processes: str
) -> None:
    monkeypatch.setattr(room, "SPAN", 4.0)
    monkeypatch.setattr(room, "STEP", 2.0)
    said = command("bench", "room", "--phones", "3", "--rounds", "1", "--processes", processes, "--format", "json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    (each,) = told["rounds"]
    assert told["lost"] == 0
    assert len(each["answers"]) == 3 + told["late"]
    # one to and one fro, then the truth and the other question; guesses before them where any stayed at the first
    assert len(each["steps"]) in (4, 5)
