"""What this app takes from Streamlit that Streamlit does not promise: an upgrade may break each of these, silently.

tests/ui/test_streamlit_private.py and tests/browser/test_streamlit_private.py say which one did.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from string import Template
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, get_script_run_ctx
from streamlit.runtime.state import get_session_state
from streamlit.runtime.state.query_params import _coerce_value_for_query_url
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

NO_GARBAGE_COLLECTION = "runner.postScriptGC"
"""The hidden option that .streamlit/config.toml switches off."""

COOKIE = "_streamlit_xsrf"
OWN = "/_stcore/"
"""Where Streamlit's own answers are, its health among them."""
METRICS, UPLOADS = f"{OWN}metrics", f"{OWN}upload_file/"


def selector(name: str) -> str:
    """The CSS selector of what Streamlit's own tests call by this name."""
    return f'[data-testid="{name}"]'


APP, MAIN = selector("stApp"), selector("stMain")
SKELETON = selector("stSkeleton")
"""What stands where something is still to come."""
ERRORS = f"{selector('stException')}, {selector('stAlertContentError')}"
IN_STYLES = {
    "APP": APP,
    "SIDEBAR": selector("stSidebar"),
    "CLOSED_SIDEBAR": selector("stExpandSidebarButton"),
    "CLOSE_SIDEBAR": f"{selector('stSidebarCollapseButton')} button",
    "PAGE_LINK": selector("stPageLink-NavLink"),
    "HEADER": selector("stHeader"),
    "CHART": selector("stVegaLiteChart"),
    "CHART_DATA": 'button[aria-label^="Show data"]',
    "CHOICES": selector("stButtonGroup"),
    "SLIDER_VALUE": selector("stSliderThumbValue"),
}


def style(text: str, **more: str) -> str:
    """CSS or JavaScript with IN_STYLES, and `more`, filled in where it says `$SIDEBAR` and so on."""
    return Template(text).substitute(IN_STYLES, **more)


def be_quiet_without_a_page() -> None:
    """Switch off the warnings that there is no page, for commands that only use what pages are made with."""
    # Not by set_log_level: Streamlit sets its level anew when it first reads its configuration.
    for name in ("scriptrunner_utils.script_run_context", "state.session_state_proxy", "caching.cache_data_api"):
        logging.getLogger(f"streamlit.runtime.{name}").disabled = True


def one_at_a_time(patience: float) -> None:
    """Let one script of a page, or of a part of it, run at a time; the others wait, but not for one that hangs.

    Python runs one thread at a time anyway, and where a hundred want to it spends a third of its time on changing them.
    `patience`: after so many seconds of one script another goes on beside it.
    """
    turn, run = threading.Semaphore(), ScriptRunner._run_script
    began = time.monotonic()

    @wraps(run)
    def in_turn(self: ScriptRunner, request: RerunData) -> None:
        nonlocal began
        while not (had := turn.acquire(timeout=patience)) and time.monotonic() - began < patience:
            pass
        began = time.monotonic()
        try:
            run(self, request)
        finally:
            if had:
                turn.release()

    setattr(ScriptRunner, "_run_script", in_turn)  # noqa: B010 (mypy forbids the plain way)


# Who asks

answers_to = is_host_allowed
"""Whether the app answers to the name in a request's Host header. Streamlit itself asks only where a page connects."""


def visitor() -> str:
    """What a browser keeps over a refresh and shares between its tabs; without its cookie, what a tab keeps."""
    context = get_script_run_ctx()
    return token(st.context.cookies.get(COOKIE, "")) or (context.session_id if context is not None else "nobody")


def remembered() -> bool:
    """Whether the browser has the cookie, and so is the same visitor after a refresh."""
    return bool(token(st.context.cookies.get(COOKIE, "")))


def token(cookie: str) -> str:
    """The token in Streamlit's cookie, as hexadecimal digits; '' where the cookie is not of that form.

    It is the same every time but masked anew (Tornado's version 2: mask, token XOR mask).
    """
    try:
        _, mask, masked, _ = cookie.split("|")
        pairs = zip(bytes.fromhex(masked), itertools.cycle(bytes.fromhex(mask)), strict=False)
        return bytes(one ^ other for one, other in pairs).hex()
    except ValueError:
        return ""


def forget_sessions() -> int:
    """Let go of sessions whose browser left and did not come back in time; how many those were.

    Streamlit looks only when another one leaves, and waits for the garbage collector to end a session.
    """
    if not runtime.exists():
        return 0
    manager: Any = runtime.get_instance()._session_mgr
    gone = manager._session_storage._cache.expire()
    for _, kept in gone:
        kept.session.shutdown()
    return len(gone)


# The link of a page


def link() -> dict[str, list[str]]:
    """Every name of the page's link that no control has taken yet, and its values."""
    with get_session_state().query_params() as parameters:
        return {name: parameters.get_all(name) for name in parameters if not parameters.is_bound(name)}


def set_link(kept: Mapping[str, Iterable[str]]) -> None:
    """Leave only this of what `link` told, before any control reads it."""
    with get_session_state().query_params() as parameters:
        for name in [name for name in parameters if not parameters.is_bound(name)]:
            if name in kept:
                parameters.set_with_no_forward_msg(name, list(kept[name]))
            else:
                parameters.discard_param_no_forward_msg(name)
        parameters.set_initial_query_params_from_current()  # of which controls read it
        parameters._send_query_param_msg()


@dataclass(frozen=True)
class Bound:
    """A control whose value stands in the link."""

    shown: tuple[str, ...]
    """Its value, as a link has it."""
    names: tuple[str, ...] = ()
    """What it offers, as a link has it; nothing where it takes numbers or text."""
    limits: tuple[float, float] | None = None
    """The least and the largest number that it takes, where it takes numbers."""


def bound(names: Iterable[str]) -> dict[str, Bound]:
    """Those of `names` that are controls of this page, once they are drawn."""
    state = get_session_state()
    with state.query_params() as parameters:
        bindings = {name: parameters.get_binding_for_param(name) for name in names}
    return {name: _bound(state._state, binding) for name, binding in bindings.items() if binding is not None}


def _bound(state: Any, binding: Any) -> Bound:
    known = state._new_widget_state.widget_metadata[binding.widget_id]
    shown = _coerce_value_for_query_url(known.serializer(state[binding.param_key]), binding.value_type)
    told: Any = getattr(known.deserializer, "__self__", None)
    names = known.formatted_options or getattr(told, "formatted_option_to_index", ())
    if binding.value_type == "bool_value":
        names = ("true", "false")
    limits = (told.min_value, told.max_value) if hasattr(told, "max_value") else None
    return Bound((shown,) if isinstance(shown, str) else tuple(shown), tuple(names), limits)


# What a browser and the server send each other


def asked(
    page: str,
    query: str,
    states: Iterable[Any],
    fragment: str = "",
    script: str = "",
    by_itself: bool = True,
    kept: Iterable[str] = (),
) -> bytes:
    """A browser's request to run a page, or one fragment of it, with its widgets in these states.

    `script`: what the server calls the page, once it has said so. `by_itself`: the fragment is run again by its timer,
    and not because a control in it was changed. `kept`: hashes of messages that the browser still has.
    """
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = page
    message.rerun_script.page_script_hash = script
    message.rerun_script.widget_states.widgets.extend(states)
    message.rerun_script.cached_message_hashes.extend(kept)
    if fragment:
        message.rerun_script.fragment_id, message.rerun_script.is_auto_rerun = fragment, by_itself
    return bytes(message.SerializeToString())


def chosen(widget: str, *options: str) -> Any:
    """The state of a choice, or of a slider over options, at these."""
    state = WidgetState(id=widget)
    state.string_array_value.data.extend(options)
    return state


def moved(widget: str, value: float) -> Any:
    """The state of a slider over numbers."""
    state = WidgetState(id=widget)
    state.double_array_value.data.append(value)
    return state


def entered(widget: str, value: str | float) -> Any:
    """The state of a field of text, a choice from a list, a switch or a field of a number, by the value's type."""
    if isinstance(value, str):
        return WidgetState(id=widget, string_value=value)
    if isinstance(value, bool):
        return WidgetState(id=widget, bool_value=value)
    return WidgetState(id=widget, double_value=value)


def in_link(state: Any) -> list[str]:
    """The values that a browser writes into the address for a control in this state."""
    value = getattr(state, state.WhichOneof("value"))
    if isinstance(value, bool):
        return [str(value).lower()]
    values = [value] if isinstance(value, str | float) else value.data
    return [f"{each:g}" if isinstance(each, float) else each for each in values]


def pressed(widget: str) -> Any:
    """The state of a button that was just pressed."""
    return WidgetState(id=widget, trigger_value=True)


def clears_caches(content: bytes) -> bool:
    """Whether a browser's message asks to clear the caches, which all visitors share."""
    try:
        return bool(BackMsg.FromString(content).WhichOneof("type") == "clear_cache")
    except Exception:  # protobuf's DecodeError; Streamlit says what it makes of such a message
        return False


def told(content: bytes) -> Any:
    """A message of the server."""
    message = ForwardMsg()
    message.ParseFromString(content)
    return message


FAILED = ForwardMsg.FINISHED_WITH_COMPILE_ERROR
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
"""What the server says of a script, or of a fragment, that has run to its end."""
