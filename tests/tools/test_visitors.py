"""`bench visitors`, as small as it can be: a real server, real websockets, every page; and its arithmetic."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.Slider_pb2 import Slider

from sgd_core.errors import UserError
from sgd_core.ui import path
from sgd_core.ui.shell import streamlit_private
from tests.cli.conftest import Command
from tools import server, visitors
from tools.visitor import Control, Visitor
from tools.visitors import Answer, Crowd, Memory, summed


@pytest.mark.long
def test_a_small_class_is_answered_on_every_page(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(visitors.PAUSES, "quick", (0.1, 0.3))
    monkeypatch.setattr(visitors, "CHANGES", 2)
    monkeypatch.setattr(visitors, "SAMPLE", 0.5)
    said = command("bench", "visitors", "--count", "4", "--minutes", "0.1", "--after", "0.01", "--format", "json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert told["answers"] >= 4
    assert told["failed"] == 0, told["failures"]
    assert 0 < told["p50"] <= told["p95"]
    assert told["cpu_an_answer"] > 0
    assert 0 < told["memory_before"] < told["memory_end"] <= told["memory_peak"]
    assert [each["at"] for each in told["memory"]] == sorted(each["at"] for each in told["memory"])
    assert [each["page"] for each in told["pages"]] == list(server.pages().values())
    assert all(each["kilobytes"] > 0 for each in told["pages"])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server.running({"SGD_MODE": "explore"}) as url:
        yield url


@pytest.mark.parametrize(
    "page",
    ["Collapse", "Noise_lab_Batch_gradient", "Noise_lab_Motion", "Noise_lab_Valleys", "Noise_lab_Real_network",
     "Noise_lab_Limits", "Schedule_workbench", "Evidence", "Sharpness", "Figure_1_Batch_size"],
)  # fmt: skip
def test_a_change_on_the_page_sends_neither_menu_nor_title_again(url: str, page: str) -> None:
    async def asked() -> tuple[set[str], list[str], int]:
        each = Visitor(url, page)
        try:
            await each.open()
            opened, choices = set(each.said), [one for one in each.controls.values() if one.kind == "button_group"]
            control = next(one for one in choices if one.fragment)
            await each.change(control, streamlit_private.chosen(control.widget.id, control.widget.options[-1].content))
            assert not each.errors
            return opened, each.said, each.received
        finally:
            each.close()

    opened, said, received = asyncio.run(asked())
    title = path.PAGES[page].title
    assert title in opened
    assert title not in said
    assert received > 0


@pytest.mark.parametrize("chosen", [True, False])
def test_train_opens_after_a_figure_on_which_a_run_was_chosen_or_none(url: str, chosen: bool) -> None:
    """Both pages have a control called "wrong": a run that gets images wrong, and the share of wrong labels."""

    async def asked() -> tuple[list[str], list[str]]:
        each = Visitor(url, "Figure_3_Decay")
        try:
            await each.open()
            ends = next(one for one in each.controls.values() if one.widget.query_param_key == "wrong")
            options = [ends.widget.options[1].content] if chosen else []
            await each.change(ends, streamlit_private.chosen(ends.widget.id, *options))
            on_figure = each.errors
            await each.turn("Train")
            return on_figure, each.errors
        finally:
            each.close()

    assert asyncio.run(asked()) == ([], [])


def test_the_processes_of_one_server_are_measured_together() -> None:
    environment = {"SGD_MODE": "explore"}
    with visitors._served(2, environment) as (urls, pid):
        process = psutil.Process(pid)
        of_each = [each.memory_info().rss for each in process.children(recursive=True)]
        assert len(urls) == 2
        assert len(of_each) >= 2
        assert visitors._resident(process) > max(of_each) / visitors.MB + 50


def test_memory_is_told_at_even_times_and_at_the_end() -> None:
    told = Crowd(memory=[Memory(float(at), 100.0 + at) for at in range(61)])
    assert [each.at for each in visitors.looks(told)] == [10, 20, 30, 40, 50, 60]
    assert [each.at for each in visitors.looks(crowd(0.1))] == [0, 5, 10]


def crowd(*seconds: float) -> Crowd:
    return Crowd(
        answers=[Answer("Runs", each, False, 10.0) for each in seconds], seconds=10.0, cpu=2.0,
        memory=[Memory(0.0, 100.0), Memory(5.0, 300.0), Memory(10.0, 250.0)], before=100.0, after=150.0,
    )  # fmt: skip


def test_the_numbers_are_those_of_the_changes_that_were_answered() -> None:
    found = crowd(*(each / 1000 for each in range(1, 101)))
    found.answers += [Answer("Runs", 9.0, True, 10.0), Answer("Runs", 9.0, False, 10.0, "lost")]
    told = summed(found)
    assert (told["answers"], told["opened"], told["failed"]) == (100, 1, 1)
    assert told["p50"] == pytest.approx(50.5)
    assert told["p95"] == pytest.approx(95.05)
    assert told["a_second"] == pytest.approx(10.2)
    assert told["cpu_an_answer"] == pytest.approx(2000 / 102)
    assert told["cores"] == pytest.approx(0.2)
    assert [told[f"memory_{when}"] for when in ("before", "peak", "end", "after")] == [100, 300, 250, 150]


def test_too_few_answers_are_said() -> None:
    with pytest.raises(UserError, match="more minutes"):
        summed(crowd(0.1))


def visitor(*controls: Control) -> Any:
    return SimpleNamespace(controls={each.widget.id: each for each in controls})


CHOICE = Control("button_group", "", ButtonGroup(id="choice", label="Along", query_param_key="x"))
CHOICE.widget.options.extend([ButtonGroup.Option(content=name) for name in ("Epoch", "T")])
SLIDER = Control("slider", "part", Slider(id="slider", label="Width", min=0.4, max=2.0, step=0.1))


def test_every_control_is_moved_to_values_that_it_has() -> None:
    chance = random.Random(0)
    moves = [move for _ in range(400) if (move := visitors._move(visitor(CHOICE, SLIDER), chance)) is not None]
    assert 0.9 < len(moves) / 400 < 1.0  # the others go to another page
    chosen = {state.string_array_value.data[0] for control, state in moves if control is CHOICE}
    moved = {round(state.double_array_value.data[0], 3) for control, state in moves if control is SLIDER}
    assert chosen == {"Epoch", "T"}
    assert moved == {round(0.4 + step / 10, 3) for step in range(17)}


def test_what_is_disabled_or_left_alone_is_not_moved() -> None:
    disabled = Control("slider", "", Slider(id="off", min=0, max=1, step=1, disabled=True))
    room = Control("button_group", "", ButtonGroup(id="room", label=next(iter(visitors.LEFT_ALONE))))
    chance = random.Random(0)
    assert all(visitors._move(visitor(disabled, room), chance) is None for _ in range(50))


def test_the_same_seed_makes_the_same_moves() -> None:
    def moves(seed: int) -> list[object]:
        chance = random.Random(seed)
        return [visitors._move(visitor(CHOICE, SLIDER), chance) for _ in range(20)]

    assert moves(1) == moves(1) != moves(2)


@pytest.mark.parametrize(
    ("state", "values"),
    [
        (streamlit_private.entered("a", True), ["true"]),
        (streamlit_private.entered("a", 7.0), ["7"]),
        (streamlit_private.entered("a", "B=16"), ["B=16"]),
        (streamlit_private.chosen("a", "one", "two"), ["one", "two"]),
        (streamlit_private.moved("a", 0.6000000000000001), ["0.6"]),
    ],
)
def test_a_control_stands_in_the_address_as_a_browser_writes_it(state: object, values: list[str]) -> None:
    assert streamlit_private.in_link(state) == values
