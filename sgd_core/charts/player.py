"""The player of a moving picture: a Play button and a slider whose clock a timer moves in the browser, not the server.

`film` is a player with a signal `now`, the frame on screen, which stays within the film while the clock rests. Vega
binds signals to boxes but not to buttons: SCRIPT and STYLE, on every page and in every file, make a button of the box.
What moves without having been asked takes CALM among its signals, and stands at its end where that is true.
"""

from __future__ import annotations

from pathlib import Path

from sgd_core.charts.look import Spec

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
"""It has a function makePlayButtons, which is called once in a document."""
STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")

FRAME_MS = 60
REST = 15
"""Steps for which the last frame stays before a film starts again."""
KEEP_STILL = "keep-still"
"""The CSS animation, of nothing, that a page gives its charts where the reader has asked for less motion."""
CALM: Spec = {
    "name": "calm",
    "value": False,
    "on": [
        {
            "events": {
                "source": "window",
                "type": "animationstart",
                "filter": f"event.animationName == '{KEEP_STILL}'",
            },
            "update": "true",
        }
    ],
}
"""Whether the reader has asked for less motion, which no expression of Vega can ask: the page's CSS knows, and the
beginning of an animation is an event that a chart can hear."""


def signals(
    name: str, end: int, start: float, *, pace: float, step: float, rest: float, frame_ms: int, at_once: bool = False
) -> list[Spec]:
    """Signals `play` and `clock`, from 0 to `end` by `pace` a frame, and on for `rest` more, when it starts again.

    `name` is what the slider, of steps `step`, moves; `start` is where the clock stands at first; `at_once` starts a
    film that is over as soon as Play is pressed.
    """
    again = [{"events": {"signal": "play"}, "update": f"play && clock > {end - step} ? 0 : clock"}] if at_once else []
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
