"""`bench beside`, as small as it can be: a real server, real websockets, a real run meanwhile."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Command
from tools import beside


@pytest.mark.long
def test_visitors_are_answered_while_a_run_trains(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(beside, "PAUSE", (0.0, 0.1))
    said = command("bench", "beside", "--count", "2", "--answers", "2", "--rounds", "1", "--format", "json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert [(each["training"], len(each["answers"])) for each in told["rounds"]] == [(False, 4), (True, 4)]
    assert told["ratio"] == pytest.approx(told["training"] / told["idle"])


def test_explore_mode_refuses_it(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_MODE", "explore")
    said = command("bench", "beside")
    assert said.code == 1
    assert "refused" in said.err
