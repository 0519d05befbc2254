"""The player of a film: where it stands, how it goes on, and that it stays within the film."""

from __future__ import annotations

import pytest

from sgd_core.charts import player, screen


def test_a_film_stands_at_its_start_and_rests_at_its_end() -> None:
    play, clock, now = player.film("Time", 60, 60)
    assert (play["name"], play["value"]) == ("play", False)
    assert clock["value"] == 60
    assert clock["bind"] == {"input": "range", "min": 0, "max": 60, "step": 1.0, "name": "Time"}
    assert clock["on"] == [
        {
            "events": {"type": "timer", "throttle": 60},
            "update": "play ? (clock >= 75.0 ? 0 : clock + 1.0) : min(clock, 60)",
        }
    ]
    assert now["update"] == "min(clock, 60)"


def test_a_clock_that_is_over_may_start_again_at_once() -> None:
    _, clock = player.signals("Along", 10, 10, pace=2, step=1, rest=4, frame_ms=40, at_once=True)
    assert clock["on"][0] == {"events": {"signal": "play"}, "update": "play && clock > 9 ? 0 : clock"}
    assert clock["on"][1]["update"] == "play ? (clock >= 14 ? 0 : clock + 2) : min(clock, 10)"


@pytest.mark.parametrize(
    ("start", "end", "update"), [(0, 8, "calm ? 8 : min(clock + 2, 8)"), (8, 0, "calm ? 0 : max(clock - 2, 0)")]
)
def test_what_moves_once_is_at_its_end_where_less_motion_is_asked_for(start: float, end: float, update: str) -> None:
    chart = {"config": {"signals": [{"name": "clock"}, player.CALM, {"name": "now"}]}}
    calm, clock, now = screen.once(chart, start, end, 2, 40)["config"]["signals"]
    assert (calm, clock["value"], now["name"]) == (player.CALM, start, "now")
    assert clock["on"] == [{"events": {"type": "timer", "throttle": 40}, "update": update}]
    (heard,) = calm["on"]
    assert heard["events"]["type"] == "animationstart"
    assert player.KEEP_STILL in heard["events"]["filter"]
