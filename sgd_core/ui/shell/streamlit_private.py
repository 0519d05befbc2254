"""What this app takes from Streamlit that Streamlit does not promise: an upgrade may break each of these, silently.

tests/ui/test_streamlit_private.py and tests/browser/test_streamlit_private.py say which one did.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Mapping
from string import Template
from typing import Any

import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import get_session_state

NO_GARBAGE_COLLECTION = "runner.postScriptGC"
"""The hidden option that .streamlit/config.toml switches off."""

COOKIE = "_streamlit_xsrf"
METRICS, UPLOADS = "/_stcore/metrics", "/_stcore/upload_file/"


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
    for name in ("scriptrunner_utils.script_run_context", "state.session_state_proxy"):
        logging.getLogger(f"streamlit.runtime.{name}").disabled = True


# Who asks


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


# What a browser and the server send each other


def asked(page: str, query: str, states: Iterable[Any], fragment: str = "", script: str = "") -> bytes:
    """A browser's request to run a page, or one fragment of it, with its widgets in these states.

    `script`: what the server calls the page, once it has said so.
    """
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = page
    message.rerun_script.page_script_hash = script
    message.rerun_script.widget_states.widgets.extend(states)
    if fragment:
        message.rerun_script.fragment_id, message.rerun_script.is_auto_rerun = fragment, True
    return bytes(message.SerializeToString())


def chosen(widget: str, option: str) -> Any:
    """The state of a choice at this option."""
    state = WidgetState(id=widget)
    state.string_array_value.data.append(option)
    return state


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


ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
"""What the server says of a script, or of a fragment, that has run to its end."""
