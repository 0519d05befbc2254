"""Who asks: the name by which the queue's limit for one visitor goes.

Streamlit gives every browser a random token in a cookie, which a refresh or a second tab does not change. A digest of
the token is kept, not itself. Without the cookie the tab is the visitor. Whoever clears cookies is a new one, for which
the limit in all stands; the address is no better, because a class often shares one.
"""

from __future__ import annotations

import hashlib

from sgd_core.ui.shell import streamlit_private

DIGITS = 16


def name() -> str:
    """Of this browser, as hexadecimal digits; the same for as long as it keeps its cookies."""
    return hashlib.sha256(streamlit_private.visitor().encode()).hexdigest()[:DIGITS]
