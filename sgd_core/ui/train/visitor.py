"""Who asks: the name by which the queue's limit for one visitor goes.

Streamlit gives every browser a random token in a cookie, which a refresh or a second tab does not change, though it
masks it anew each time (Tornado's version 2: mask, token XOR mask). A digest of the token is kept, not itself.
Without the cookie the tab is the visitor. Whoever clears cookies is a new one, for which the limit in all stands; the
address is no better, because a class often shares one.
"""

from __future__ import annotations

import hashlib
import itertools

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

COOKIE = "_streamlit_xsrf"
DIGITS = 16


def name() -> str:
    """Of this browser, as hexadecimal digits; the same for as long as it keeps its cookies."""
    context = get_script_run_ctx()
    known = token(st.context.cookies.get(COOKIE, "")) or (context.session_id if context is not None else "nobody")
    return hashlib.sha256(known.encode()).hexdigest()[:DIGITS]


def token(cookie: str) -> str:
    """The token in Streamlit's cookie, as hexadecimal digits; '' where the cookie is not of that form."""
    try:
        _, mask, masked, _ = cookie.split("|")
        pairs = zip(bytes.fromhex(masked), itertools.cycle(bytes.fromhex(mask)), strict=False)
        return bytes(one ^ other for one, other in pairs).hex()
    except ValueError:
        return ""
