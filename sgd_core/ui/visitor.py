"""Who asks: the name by which the queue's limit for one visitor goes.

Streamlit gives every browser a random cookie, which a refresh or a second tab does not change; its digest is kept, not
itself. Without a cookie the tab is the visitor. Whoever clears cookies is a new one, which the limit in all stands for.
"""

from __future__ import annotations

import hashlib

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

COOKIE = "_streamlit_xsrf"
DIGITS = 16


def name() -> str:
    """Of this browser, as hexadecimal digits; the same for as long as it keeps its cookies."""
    context = get_script_run_ctx()
    known = st.context.cookies.get(COOKIE) or (context.session_id if context is not None else "nobody")
    return hashlib.sha256(known.encode()).hexdigest()[:DIGITS]
