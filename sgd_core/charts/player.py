"""The player of a moving picture: a Play box and a slider whose clock a timer moves in the browser, without the server.

`film` is a player with a signal `now`, the frame on screen, which stays within the film while the clock rests.
"""

from __future__ import annotations

from sgd_core.charts.look import Spec

FRAME_MS = 60
REST = 15
"""Steps for which the last frame stays before a film starts again."""


def signals(
    name: str, end: int, start: float, *, pace: float, step: float, rest: float, frame_ms: int, at_once: bool = False
) -> list[Spec]:
    """Signals `play` and `clock`, from 0 to `end` by `pace` a frame, and on for `rest` more, when it starts again.

    `name` is what the slider, of steps `step`, moves; `start` is where the clock stands at first; `at_once` starts a
    film that is over as soon as Play is pressed.
    """
    again = [{"events": {"signal": "play"}, "update": f"play && clock >= {end} ? 0 : clock"}] if at_once else []
    tick = f"play ? (clock >= {end + rest} ? 0 : clock + {pace}) : min(clock, {end})"
    return [
        {"name": "play", "value": False, "bind": {"input": "checkbox", "name": "Play"}},
        {
            "name": "clock",
            "value": start,
            "bind": {"input": "range", "min": 0, "max": end, "step": step, "name": name},
            "on": [*again, {"events": {"type": "timer", "throttle": frame_ms}, "update": tick}],
        },
    ]


def film(name: str, frames: int, start: float, step: float = 1.0) -> list[Spec]:
    """The player of frames 0 to `frames`, with `now`, the frame on screen (a fraction where `step` is one)."""
    clock = signals(name, frames, start, pace=step, step=step, rest=REST * step, frame_ms=FRAME_MS)
    return [*clock, {"name": "now", "update": f"min(clock, {frames})"}]
