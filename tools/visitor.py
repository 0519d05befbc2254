"""A visitor of the app without a browser: one session that speaks Streamlit's own protocol over a websocket.

It keeps what a browser keeps: the state of its controls, which of them the page has now and in which fragment, and the
hashes of large messages that need not be sent again.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sgd_core.ui.shell import streamlit_private

PATIENCE = 300
"""Seconds for one answer, on a machine that is busy with more than this."""
KEPT_RUNS = 2
"""A browser keeps a large message for so many runs after the last that had it (global.maxCachedMessageAge)."""
WORDS = ("B=16", "512", "seed 0", "exponential", "")
"""What is entered in a field of text."""


@dataclass(frozen=True)
class Control:
    """A control as the page draws it."""

    kind: str
    fragment: str
    """Which part of the page runs when it is changed; '' for all of it."""
    widget: Any

    def change(self, chance: random.Random) -> Any | None:
        """The control's state at some other value, or None where it has none."""
        widget = self.widget
        match self.kind:
            case "button":
                return streamlit_private.pressed(widget.id)
            case "button_group":
                return _of([option.content for option in widget.options], widget.id, chance)
            case "slider" if widget.options:
                return _of(list(widget.options), widget.id, chance)
            case "slider":
                steps = round((widget.max - widget.min) / (widget.step or 1))
                return streamlit_private.moved(widget.id, widget.min + chance.randint(0, steps) * (widget.step or 1))
            case "checkbox":
                return streamlit_private.entered(widget.id, chance.random() < 0.5)
            case "selectbox" | "radio":
                return streamlit_private.entered(widget.id, chance.choice(widget.options)) if widget.options else None
            case "multiselect":
                options = list(widget.options)
                return streamlit_private.chosen(widget.id, *chance.sample(options, min(len(options), 2)))
            case "number_input":
                low = widget.min if widget.has_min else 0.0
                high = widget.max if widget.has_max else low + 100
                return streamlit_private.entered(
                    widget.id, float(chance.randint(round(low), round(min(high, low + 9))))
                )
            case "text_input":
                return streamlit_private.entered(widget.id, chance.choice(WORDS))
        return None


KINDS = (
    "button", "button_group", "slider", "checkbox", "selectbox", "radio", "multiselect", "number_input", "text_input",
)  # fmt: skip


def _of(options: list[str], widget: str, chance: random.Random) -> Any | None:
    return streamlit_private.chosen(widget, chance.choice(options)) if options else None


class Visitor:
    """One session of the app, as a browser would have it."""

    def __init__(self, url: str, page: str, query: str = "") -> None:
        self._address = url.replace("http://", "ws://") + "/_stcore/stream"
        self._page, self._query, self._script = page, query, ""
        self._socket: Any = None
        self._widgets: dict[str, Any] = {}
        """Label of a control or button -> its message."""
        self.controls: dict[str, Control] = {}
        """What the page has now, by id."""
        self._states: dict[str, Any] = {}
        self._polls: dict[str, float] = {}
        """Fragment that is to be run again by itself -> seconds between."""
        self._kept: dict[str, int] = {}
        """Hash of a large message -> the run that had it last."""
        self._runs = 0
        self.said: list[str] = []
        """Headings and texts of the latest answer."""
        self.errors: list[str] = []
        """What ended the latest answer, if anything did."""
        self.received = 0
        """Bytes of the latest answer."""

    async def open(self) -> None:
        """Connect and load the page."""
        from tornado.websocket import websocket_connect

        self._socket = await websocket_connect(self._address, subprotocols=["streamlit"], max_message_size=2**28)
        await self._run()

    async def turn(self, page: str) -> None:
        """Go to another page, as by the menu."""
        self._page, self._query, self._script = page, "", ""
        self._states.clear()
        await self._run()

    async def choose(self, label: str, number: int) -> float:
        """Take an option of a control, counted on from the first; seconds until the answer."""
        control = self._widgets[label]
        option = control.options[number % len(control.options)].content
        self._states[control.id] = streamlit_private.chosen(control.id, option)
        started = time.perf_counter()
        await self._run()
        return time.perf_counter() - started

    async def change(self, control: Control, state: Any) -> None:
        """Give a control of the page this state, or press it; only the fragment that it stands in runs."""
        if control.kind != "button":
            self._states[control.widget.id] = state
            if name := control.widget.query_param_key:
                others = [pair for pair in parse_qsl(self._query, keep_blank_values=True) if pair[0] != name]
                self._query = urlencode([*others, *((name, value) for value in streamlit_private.in_link(state))])
        await self._run(control.fragment, state if control.kind == "button" else None, by_itself=False)

    async def press(self, label: str) -> None:
        """Press a button."""
        await self._run(pressed=streamlit_private.pressed(self._widgets[label].id))

    async def watch(self) -> None:
        """Run the page's live part again and again, as a browser does that has it open."""
        while True:
            for fragment, seconds in list(self._polls.items()) or [("", 1.0)]:
                await asyncio.sleep(seconds)
                if fragment:
                    await self._run(fragment)

    def close(self) -> None:
        """Say goodbye and hang up, at once: an event loop that ends would leave the connection open."""
        if self._socket is not None:
            self._socket.close()
            self._socket.stream.close()

    async def _run(self, fragment: str = "", pressed: Any = None, by_itself: bool = True) -> None:
        """Have the script run, with one button pressed in this run alone, and take in what comes."""
        self.said, self.errors, self.received = [], [], 0
        self._runs += 1
        self._kept = {name: run for name, run in self._kept.items() if self._runs - run <= KEPT_RUNS}
        states = [*self._states.values(), *([] if pressed is None else [pressed])]
        asked = streamlit_private.asked(
            self._page, self._query, states, fragment, self._script, by_itself, list(self._kept)
        )
        await self._socket.write_message(asked, binary=True)
        while True:
            async with asyncio.timeout(PATIENCE):  # not wait_for, which loses a cancellation that comes with an answer
                content = await self._socket.read_message()
            if content is None:
                raise ConnectionError("The app has closed the connection.")
            self.received += len(content)
            told = streamlit_private.told(content)
            kind = told.WhichOneof("type")
            if kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                self._note(told.delta.new_element, told.delta.fragment_id)
                if told.metadata.cacheable:
                    self._kept[told.hash] = self._runs
            elif kind == "ref_hash":
                self._kept[told.ref_hash] = self._runs
            elif kind == "page_info_changed":
                self._query = told.page_info_changed.query_string
            elif kind == "new_session":
                parts = list(told.metadata.run.fragment_ids)
                if not parts:
                    self._polls.clear()
                kept = self.controls.items() if parts else ()
                self.controls = {name: each for name, each in kept if each.fragment not in parts}
            elif kind == "navigation":
                self._script = told.navigation.page_script_hash
            elif kind == "auto_rerun":
                self._polls[told.auto_rerun.fragment_id] = told.auto_rerun.interval
            elif kind == "page_not_found":
                self.errors.append("page not found")
            elif kind == "script_finished" and told.script_finished == streamlit_private.FAILED:
                self.errors.append("the script did not compile")
                return
            elif kind == "script_finished" and told.script_finished in streamlit_private.ENDED:
                # As a browser forgets what is no longer on the page.
                self._states = {name: state for name, state in self._states.items() if name in self.controls}
                return

    def _note(self, element: Any, fragment: str) -> None:
        kind = element.WhichOneof("type")
        if kind in KINDS:
            widget = getattr(element, kind)
            self._widgets[widget.label] = widget
            self.controls[widget.id] = Control(kind, fragment, widget)
            if kind != "button" and widget.set_value:
                self._states.pop(widget.id, None)  # the page has set it; its value is the server's
        elif kind in ("markdown", "heading"):
            self.said.append(getattr(element, kind).body)
        elif kind == "exception":
            self.errors.append(f"{element.exception.type}: {element.exception.message}")
